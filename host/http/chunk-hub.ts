/** GET /api/v1/links/NAME/chunks and /api/v1/devices/ID/chunks: all clients that listen to links. */
import type { WatchTarget } from "../router/link-listener.ts";
import type { About } from "./api.ts";
import { ChunkStream } from "./chunk-stream.ts";
import { beginEvents } from "./event-hub.ts";
import { HttpFault } from "./fault.ts";
import type { GatewayApi } from "./gateway-api.ts";
import type { Call, Route } from "./routes.ts";

/** Clients at once: each one costs a copy of what it hears. */
const MAX_STREAMS = 10;
/** Routers and proxies forget a silent connection; none sooner than this. */
const HEARTBEAT_MS = 15_000;

export class ChunkHub {
  private readonly streams = new Set<ChunkStream>();
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(
    private readonly gateway: GatewayApi,
    private readonly about: About,
  ) {}

  /** What passes over a wire is for who may control: a session id in it is a key to that session. */
  get routes(): Route[] {
    const row = (path: string, targetOf: (id: string) => WatchTarget): Route => ({
      method: "GET",
      path,
      role: "control",
      answer: (call) => this.open(call, targetOf(call.id)),
    });
    return [
      row("/api/v1/links/ID/chunks", (id) => this.findLink(id)),
      row("/api/v1/devices/ID/chunks", (id) => this.findDevice(id)),
    ];
  }

  start(): void {
    this.heartbeat = setInterval(() => {
      for (const stream of this.streams) stream.beat();
    }, HEARTBEAT_MS);
  }

  stop(): void {
    clearInterval(this.heartbeat);
    for (const stream of this.streams) stream.stop();
  }

  private open({ request, response }: Call, target: WatchTarget): void {
    if (this.streams.size >= MAX_STREAMS) throw tooMany();
    beginEvents(response);
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    const stream = new ChunkStream(response);
    this.streams.add(stream);
    response.once("close", () => {
      stream.release();
      this.streams.delete(stream);
    });
    const { id: gateway, version } = this.about;
    stream.start({ gateway, version }, (listener) => this.gateway.watchLink(target, listener));
  }

  /** A port of the configuration has its name also while it is closed. */
  private findLink(name: string): WatchTarget {
    const ports = this.gateway.serialView().map(({ path }) => `serial ${path}`);
    const names = new Set([...ports, ...this.gateway.linksView().map((link) => link.name)]);
    if (names.has(name)) return { link: name };
    throw unknown("link", name, [...names], "bowline ports");
  }

  private findDevice(id: string): WatchTarget {
    const ids = this.gateway.devicesView().map((device) => device.id);
    if (ids.includes(id)) return { device: id };
    throw unknown("board", id, ids, "bowline devices");
  }
}

function unknown(kind: string, name: string, known: string[], mend: string): HttpFault {
  const seen = known.length === 0 ? "none is known" : `known: ${known.slice(0, 10).join(", ")}`;
  return new HttpFault(404, "LINK_UNKNOWN", `listening to ${name}: no such ${kind}; ${seen}`, { mend });
}

function tooMany(): HttpFault {
  const text = `listening to a link: ${MAX_STREAMS} clients do, the most allowed`;
  return new HttpFault(503, "STREAMS_FULL", text, { mend: "end a `bowline sniff`" });
}
