/** A line to a server that a test holds up, slows down and cuts, each direction by itself. */

import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

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
    from.on("data", (bytes) => {
      this.seen[way] += bytes.length;
      if (this.held[way]) this.kept.push({ to, way, bytes });
      else if (this.delayMs > 0) setTimeout(() => to.destroyed || to.write(bytes), this.delayMs);
      else to.write(bytes);
    });
    from.on("error", () => {}); // a cut
    from.on("close", () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }
}
