/** Who is told messages, as a careful program would be: it drops what it had by its id, and is away, slow or in trouble at times. */
import { createServer, type Server } from "node:http";
import { setTimeout } from "node:timers/promises";
import { freePort } from "../../host/testing/free-port.ts";
import type { Taken } from "./stream.ts";

export class Receiver {
  port = 0;
  delayMs = 0;
  /** Some are answered with an error, before they are taken or after. */
  faults: (() => number) | null = null;
  /** In the order in which they came first. */
  readonly taken: Taken[] = [];
  repeats = 0;
  private readonly ids = new Set<string>();
  private server: Server | null = null;

  async open(): Promise<void> {
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (piece: string) => {
        body += piece;
      });
      request.on("end", () => void this.answer(body).then((status) => response.writeHead(status).end()));
    });
    this.server = server;
    if (this.port === 0) this.port = await freePort();
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (server === null) return;
    const gone = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await gone;
  }

  private async answer(body: string): Promise<number> {
    if (this.delayMs > 0) await setTimeout(this.delayMs);
    if (this.faults !== null && this.faults() < 0.1) return 503;
    const { id, device, message } = JSON.parse(body);
    if (this.ids.has(id)) this.repeats++;
    else this.taken.push({ device, i: message.i });
    this.ids.add(id);
    return this.faults !== null && this.faults() < 0.1 ? 503 : 204;
  }
}
