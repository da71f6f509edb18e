/** An HttpServer on a free port of loopback, and short ways to ask it. */
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { silentLog } from "../../platform/log.ts";
import { HttpServer, type HttpServerOptions } from "../server.ts";
import { EventReader, type Json } from "./event-reader.ts";
import { FakeGateway } from "./fake-gateway.ts";

export const control = "control-token-0123456789";
export const read = "read-token-0123456789";
const tokens = [
  { role: "control", token: control },
  { role: "read", token: read },
] as const;

export class ServerUnderTest {
  readonly server: HttpServer;
  base = "";
  port = 0;

  constructor(
    readonly gateway: HttpServerOptions["gateway"] = new FakeGateway(),
    options: Partial<HttpServerOptions> = {},
  ) {
    const about = { id: "pi-kitchen", version: "0.1.0", store: "memory" } as const;
    const pageDir = join(tmpdir(), "bowline-no-page");
    const place = { host: "127.0.0.1", port: 0 };
    this.server = new HttpServer({ gateway, about, ...place, tokens, log: silentLog, pageDir, ...options });
  }

  async start(): Promise<this> {
    const { host, port } = await this.server.start();
    this.base = `http://${host}:${port}`;
    this.port = port;
    return this;
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /** With the control token, unless `init` has headers of its own. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = init.headers ?? { authorization: `Bearer ${control}` };
    return fetch(this.base + path, { redirect: "manual", ...init, headers });
  }

  /** -> [status, body] of a GET. */
  async get(path: string, init: RequestInit = {}): Promise<[number, Json]> {
    const response = await this.fetch(path, init);
    return [response.status, await response.json()];
  }

  post(path: string, body: unknown, init: RequestInit = {}): Promise<[number, Json]> {
    const sent = typeof body === "string" ? body : JSON.stringify(body);
    return this.get(path, { method: "POST", body: sent, ...init });
  }

  delete(path: string): Promise<[number, Json]> {
    return this.get(path, { method: "DELETE" });
  }

  /** Sends a GET of `target` under the name `host`, which fetch() would not. -> everything that came back. */
  raw(target: string, host: string): Promise<string> {
    const socket = connect(this.port, "127.0.0.1");
    socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n`);
    socket.write(`Authorization: Bearer ${control}\r\n\r\n`);
    return text(socket);
  }

  /** The events of a stream, until it ends or `close` is called. */
  async events(path: string, init: RequestInit = {}): Promise<EventReader> {
    const controller = new AbortController();
    const response = await this.fetch(path, { ...init, signal: controller.signal });
    return new EventReader(response, controller);
  }
}
