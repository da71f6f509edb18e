/** A relay between IRC clients and their server that loses, repeats and holds up lines, and cuts, as a seed has it. */
import { connect, createServer, type Server, type Socket } from "node:net";
import { type Random, seededRandom } from "../../transports/random.ts";

export type Direction = "toServer" | "toClient";

export interface LossyRelayOptions {
  /** Of the server. */
  port: number;
  host?: string;
  seed: number;
  /** Which lines can be hit (without their ends); all others pass untouched and in order. */
  hits: (line: string, direction: Direction) => boolean;
  /** Chance of such a line to vanish, 0…1; else to come twice; else to come behind the next `delayLines` (1) of its way. */
  dropRate?: number;
  repeatRate?: number;
  delayRate?: number;
  delayLines?: number;
}

export interface RelayCounts {
  passed: number;
  dropped: number;
  repeated: number;
  delayed: number;
}

/** One direction of one connection, and the lines that wait for others to overtake them. */
interface Way {
  to: Socket;
  direction: Direction;
  held: { line: Buffer; lines: number }[];
}

const HOST = "127.0.0.1";

export class LossyRelay {
  readonly counts: RelayCounts = { passed: 0, dropped: 0, repeated: 0, delayed: 0 };
  /** True: whoever comes is turned away, as at a server that is down. */
  isDown = false;
  /** Connections accepted so far, those turned away included. */
  accepted = 0;
  private readonly random: Random;
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;

  private constructor(private readonly options: LossyRelayOptions) {
    this.random = seededRandom(options.seed);
  }

  static async start(options: LossyRelayOptions): Promise<LossyRelay> {
    const relay = new LossyRelay(options);
    const server = createServer((client) => relay.join(client));
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    relay.server = server;
    return relay;
  }

  /** Where clients go instead of to the server. */
  get port(): number {
    const address = this.server!.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Ends every connection; new ones are taken unless `isDown`. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server!.close(resolve));
    this.cut();
    await closed;
  }

  private join(client: Socket): void {
    this.accepted++;
    if (this.isDown) {
      client.destroy();
      return;
    }
    const server = connect({ host: this.options.host ?? HOST, port: this.options.port });
    this.carry(client, server, "toServer");
    this.carry(server, client, "toClient");
  }

  private carry(from: Socket, to: Socket, direction: Direction): void {
    this.sockets.add(from);
    // It holds up no line that it is not told to: to the server that would be one said later.
    from.setNoDelay(true);
    const way: Way = { to, direction, held: [] };
    let rest: Buffer = Buffer.alloc(0);
    from.on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
        this.pass(rest.subarray(0, end + 1), way);
        rest = rest.subarray(end + 1);
      }
    });
    from.on("error", () => {}); // close follows
    from.on("end", () => to.end(rest));
    from.on("close", () => {
      this.sockets.delete(from);
      to.destroySoon();
    });
  }

  private pass(line: Buffer, way: Way): void {
    const { hits, dropRate = 0, repeatRate = 0, delayRate = 0, delayLines = 1 } = this.options;
    const drawn = hits(line.toString().trimEnd(), way.direction) ? this.random() : Number.POSITIVE_INFINITY;
    const overtaken = way.held.filter((held) => --held.lines <= 0);
    if (drawn < dropRate) this.counts.dropped++;
    else if (drawn < dropRate + repeatRate) {
      this.counts.repeated++;
      way.to.write(Buffer.concat([line, line]));
    } else if (drawn < dropRate + repeatRate + delayRate) {
      this.counts.delayed++;
      way.held.push({ line: Buffer.from(line), lines: delayLines });
    } else {
      this.counts.passed++;
      way.to.write(line);
    }
    for (const held of overtaken) {
      way.held.splice(way.held.indexOf(held), 1);
      way.to.write(held.line);
    }
  }
}
