/** What boards speak over: the TCP port and the cables, each connection of them, and who hears what passes there. */
import { GuardedPort } from "../admission/guarded-port.ts";
import { boards as listenedFor } from "../admission/listener.ts";
import { Cable, type CableView } from "../cables/cable.ts";
import { findCable } from "../cables/find-cable.ts";
import type { Loan } from "../cables/lender.ts";
import type { Config, SerialConfig } from "../config/schema.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { isLoopback } from "../platform/loopback.ts";
import { LinkWatches } from "../router/link-watch.ts";
import { type LinkView, viewLink } from "../router/views.ts";
import { Connection } from "../session/connection.ts";
import type { Door } from "../session/door.ts";
import type { Tallies } from "../session/tallies.ts";
import type { Transport } from "../transports/transport.ts";
import type { Boards } from "./boards.ts";

export interface BoardLinksOptions {
  config: Pick<Config, "tcp" | "serial">;
  boards: Boards;
  tallies: Tallies;
  clock: Clock;
  log: Log;
  /** A listener of what passes has failed. */
  onFault(error: unknown): void;
}

/** What a connection has beyond its transport. */
interface Carrying {
  /** null: a socket. */
  link?: SerialConfig;
  log?: Log;
  onOver(): void;
  /** ms until it is heard. */
  startAfterMs?(connection: Connection): number;
}

export class BoardLinks {
  readonly watches: LinkWatches;
  private readonly connections = new Set<Connection>();
  private readonly port: GuardedPort;
  private readonly cables: Cable[] = [];

  constructor(private readonly options: BoardLinksOptions) {
    const { config, boards, clock, log, onFault } = options;
    const isCarrying = (device: string, connection: Connection) => boards.isCarrying(device, connection);
    this.watches = new LinkWatches(clock, isCarrying, onFault);
    this.port = new GuardedPort({
      ...{ settings: config.tcp, listened: listenedFor, keys: boards.keys, clock, log },
      onTransport: (transport, door) => this.letIn(transport, door),
    });
  }

  /** Where it listens; null: it does not. */
  get address(): { host: string; port: number } | null {
    return this.port.address;
  }

  /** Rejects as GuardedPort.start(). A cable that is not there is waited for. */
  async start(): Promise<void> {
    if (this.options.config.tcp.enabled) await this.port.start();
    for (const link of this.options.config.serial) if (link.enabled) this.keep(link);
  }

  async stop(): Promise<void> {
    for (const connection of this.connections) connection.stop();
    await this.port.stop();
    await Promise.all(this.cables.map((cable) => cable.stop()));
  }

  views(): LinkView[] {
    return [...this.connections].map(viewLink);
  }

  cableViews(): CableView[] {
    return this.cables.map(({ view }) => view);
  }

  /** How often each port was opened, and was not. */
  openings(): { path: string; opened: number; failed: ReadonlyMap<string, number> }[] {
    return this.cables.map(({ path, openingCounts }) => ({ path, ...openingCounts }));
  }

  /** The port that `path` leads to, closed for another program -> null when it is none of ours. Rejects as Cable.lend(). */
  async lend(path: string, to: string): Promise<Loan | null> {
    return (await (await findCable(this.cables, path))?.lend(to)) ?? null;
  }

  private keep(link: SerialConfig): void {
    const { clock, log } = this.options;
    const cable = new Cable(link, {
      ...{ log, clock },
      connect: (transport, itsLog, onOver) => this.connect(transport, { link, log: itsLog, onOver }),
    });
    this.cables.push(cable);
    cable.start();
  }

  private letIn(transport: Transport, door: Door): void {
    const connection = this.connect(transport, {
      onOver: () => door.left(connection),
      startAfterMs: (one) => door.enter(one),
    });
  }

  private connect(transport: Transport, carrying: Carrying): Connection {
    const { boards, clock, tallies, config } = this.options;
    const { link = null, log = this.options.log, onOver, startAfterMs } = carrying;
    const whenOver = () => {
      this.connections.delete(connection);
      this.watches.remove(connection);
      onOver();
    };
    const tally = link === null ? tallies.network : tallies.cable(link.path);
    const { names = [] } = transport;
    const wire = { isCable: false, isPrivate: isLoopback(config.tcp.host), names };
    const connection = new Connection(transport, boards.sessions, clock, log, link, whenOver, wire, tally);
    this.connections.add(connection);
    connection.start(startAfterMs?.(connection) ?? 0);
    this.watches.add(connection);
    return connection;
  }
}
