/** A line to a server that a test holds up, slows down and cuts, each direction by itself. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** As `performance.now()` has it. */
async function until(time: number): Promise<void> {
  const ms = time - performance.now();
  if (ms > 0) await pause(ms);
}

type Way = "toServer" | "toClient";

export class NatsRelay {
  /** ms that each piece takes. */
  delayMs = 0;
  /** What comes is kept back. */
  readonly held: Record<Way, boolean> = { toServer: false, toClient: false };
  /** Bytes that came, held or not. */
  readonly seen: Record<Way, number> = { toServer: 0, toClient: 0 };
  private readonly kept: { to: Socket; way: Way; bytes: Buffer }[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  constructor(port: number) {
    this.server = createServer((client) => {
      const server = connect(port, "127.0.0.1");
      this.carry(client, server, "toServer");
      this.carry(server, client, "toClient");
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `nats://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What was kept back goes on. */
  release(way: Way): void {
    this.held[way] = false;
    for (const one of this.kept.splice(0)) {
      if (one.way !== way) this.kept.push(one);
      else if (!one.to.destroyed) one.to.write(one.bytes);
    }
  }

  /** Every connection ends; what was kept back is lost. */
  cut(): void {
    this.kept.length = 0;
    for (const socket of this.sockets) socket.destroy();
  }

  stop(): void {
    this.cut();
    this.server.close();
  }

  private carry(from: Socket, to: Socket, way: Way): void {
    this.sockets.add(from);
    /** What came before has gone on: none overtakes another. */
    let before = Promise.resolve();
    let leavesAt = 0;
    const write = (bytes: Buffer) => void (to.destroyed || to.write(bytes));
    from.on("data", (bytes: Buffer) => {
      this.seen[way] += bytes.length;
      if (this.held[way]) this.kept.push({ to, way, bytes });
      else {
        const at = Math.max(leavesAt, performance.now() + this.delayMs);
        leavesAt = at;
        before = before.then(() => until(at)).then(() => write(bytes));
      }
    });
    from.on("error", () => {}); // a cut
    from.on("close", () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }
}
