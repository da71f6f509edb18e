/** An HTTP server that does what a test says, also what no gateway does. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export class RawServer {
  readonly requests: IncomingMessage[] = [];
  /** What answers from now on. */
  handler: Handler;
  private readonly server: Server;
  port = 0;

  constructor(handler: Handler) {
    this.handler = handler;
    this.server = createServer((request, response) => {
      this.requests.push(request);
      this.handler(request, response);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** `port` is the one it had before a stop, for a gateway that comes back. */
  start(port = 0): Promise<this> {
    return new Promise((resolve) => {
      this.server.listen(port, "127.0.0.1", () => {
        this.port = (this.server.address() as AddressInfo).port;
        resolve(this);
      });
    });
  }

  /** Cuts every connection. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

/** An event as a gateway writes it. */
export function eventText(event: string, id: number | undefined, data: object): string {
  return `event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
