/** A TCP connection between a browser and a server that a test can cut and join. */
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "../../testing/free-port.ts";

export class TcpWire {
  port = 0;
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();

  /** `target`: port on 127.0.0.1 that the wire leads to. */
  constructor(private readonly target: number) {}

  /** Starts to listen, on the same port after the first time. */
  async join(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(this.target, "127.0.0.1");
      for (const [from, to] of [
        [near, far],
        [far, near],
      ]) {
        this.sockets.add(from);
        from.on("error", () => to.destroy()).on("close", () => this.sockets.delete(from) && to.destroy());
        from.pipe(to);
      }
    });
    if (this.port === 0) this.port = await freePort();
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    this.server = server;
  }

  /** Ends every connection, and refuses new ones. */
  async cut(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      if (this.server === null) resolve();
      else this.server.close(() => resolve());
    });
    this.server = null;
    for (const socket of this.sockets) socket.destroy();
    await gone;
  }
}
