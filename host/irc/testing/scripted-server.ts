/** A server that says what a test has it say: for what real servers do seldom, or not at all. */
import { createServer, type Server, type Socket } from "node:net";

/** One client at it. */
export class ScriptedClient {
  /** What it has sent, in order, without ends of lines. */
  readonly lines: string[] = [];
  isClosed = false;
  private rest = "";

  constructor(private readonly socket: Socket) {
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      const lines = (this.rest + text).split("\r\n");
      this.rest = lines.pop()!;
      this.lines.push(...lines);
    });
    socket.on("error", () => {}); // close follows
    socket.on("close", () => {
      this.isClosed = true;
    });
  }

  send(...lines: string[]): void {
    this.socket.write(lines.map((line) => `${line}\r\n`).join(""));
  }

  sendBytes(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** -> what it has sent that fits, the first from `since` on; undefined: nothing yet. */
  find(what: RegExp, since = 0): string | undefined {
    return this.lines.slice(since).find((line) => what.test(line));
  }

  /** Stands still: what is sent to it is not read, and its end not seen. */
  hold(): void {
    this.socket.pause();
  }

  /** Gone without a word. */
  cut(): void {
    this.socket.destroy();
  }
}

export class ScriptedServer {
  readonly clients: ScriptedClient[] = [];
  /** Called for each who comes. */
  onClient: (client: ScriptedClient) => void = () => {};

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ScriptedServer> {
    const listener = createServer();
    const server = new ScriptedServer(listener);
    listener.on("connection", (socket) => {
      const client = new ScriptedClient(socket);
      server.clients.push(client);
      server.onClient(client);
    });
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const client of this.clients) client.cut();
    await closed;
  }
}
