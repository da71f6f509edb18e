/** A reverse proxy in front of a gateway, which answers in its own words when that is away, or takes too long for it. */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export class HttpProxy {
  /** So it answers the next ones, and passes none of them on. */
  readonly refusals: number[] = [];
  /** Of each request that came: its key. */
  readonly keys: (string | undefined)[] = [];
  /** Of each answer. */
  readonly statuses: number[] = [];
  /** Passed on, and waiting for their answer. */
  private readonly waiting = new Map<ServerResponse, () => void>();
  private readonly server: Server;

  /** `port`: of the gateway, on 127.0.0.1. */
  constructor(private readonly port: number) {
    this.server = createServer((asked, answer) => this.take(asked, answer));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** It waits no longer for what was passed on. */
  giveUp(status: number): void {
    for (const [answer, drop] of this.waiting) {
      drop();
      this.refuse(answer, status);
    }
    this.waiting.clear();
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private take(asked: IncomingMessage, answer: ServerResponse): void {
    this.keys.push(asked.headers["idempotency-key"] as string | undefined);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) return this.refuse(answer, refusal);
    const { method, url: path, headers } = asked;
    const passed = request({ host: "127.0.0.1", port: this.port, method, path, headers }, (got) => {
      this.waiting.delete(answer);
      this.statuses.push(got.statusCode!);
      answer.writeHead(got.statusCode!, got.headers);
      got.pipe(answer);
    });
    passed.on("error", () => {
      // The gateway is away; one that was given up has its answer.
      if (this.waiting.delete(answer)) this.refuse(answer, 502);
    });
    this.waiting.set(answer, () => passed.destroy());
    asked.pipe(passed);
  }

  private refuse(answer: ServerResponse, status: number): void {
    this.statuses.push(status);
    answer.writeHead(status, { "content-type": "text/html" });
    answer.end(`<html><h1>${status}</h1></html>`);
  }
}
