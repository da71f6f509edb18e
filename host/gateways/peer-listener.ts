/** The port that other gateways connect to: each connection gets a session of the gateways' own. */
import { GuardedPort } from "../admission/guarded-port.ts";
import type { KeyStore } from "../admission/key-store.ts";
import { gateways } from "../admission/listener.ts";
import type { PeersConfig } from "../config/schema.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { isLoopback } from "../platform/loopback.ts";
import { Connection } from "../session/connection.ts";
import type { Door } from "../session/door.ts";
import type { LinkTally } from "../session/link-tally.ts";
import type { SessionServer } from "../session/session-server.ts";
import type { Transport } from "../transports/transport.ts";

export interface PeerListenerOptions {
  config: PeersConfig["listen"];
  keys: KeyStore;
  sessions: SessionServer;
  clock: Clock;
  log: Log;
  tally: LinkTally;
  /** A connection is over. */
  onOver(): void;
}

export class PeerListener {
  private readonly port: GuardedPort;
  private readonly connections = new Set<Connection>();

  constructor(private readonly options: PeerListenerOptions) {
    const { config, keys, clock, log } = options;
    this.port = new GuardedPort({
      ...{ settings: config, listened: gateways, keys, clock, log },
      onTransport: (transport, door) => this.letIn(transport, door),
    });
  }

  /** null: it does not listen. */
  get address(): { host: string; port: number } | null {
    return this.port.address;
  }

  /** Rejects with PEERS_INSECURE, TLS_… or PORT_…: nothing listens then. */
  start(): Promise<void> {
    return this.port.start();
  }

  async stop(): Promise<void> {
    for (const connection of this.connections) connection.stop();
    await this.port.stop();
  }

  private letIn(transport: Transport, door: Door): void {
    const { config, sessions, clock, log, tally, onOver } = this.options;
    const { names = [] } = transport;
    const isPrivate = isLoopback(config.host) || config.tls?.enabled === true;
    const wire = { isCable: false, isPrivate, names };
    const whenOver = () => {
      this.connections.delete(connection);
      door.left(connection);
      onOver();
    };
    const connection = new Connection(transport, sessions, clock, log, null, whenOver, wire, tally);
    this.connections.add(connection);
    connection.start(door.enter(connection));
  }
}
