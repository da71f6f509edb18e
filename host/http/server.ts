/** The HTTP API, the live events and the status page, on one port (interface: HTTP API). */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Metrics } from "../metrics/metrics.ts";
import type { Log } from "../platform/log.ts";
import { listenError } from "../transports/listen-error.ts";
import { Access } from "./access.ts";
import { admissionRoutes } from "./admission-routes.ts";
import type { About, ReloadView } from "./api.ts";
import { viewRoutes } from "./api-routes.ts";
import { backupRoute } from "./backup-route.ts";
import { ChunkHub } from "./chunk-hub.ts";
import { componentRoutes } from "./component-routes.ts";
import { DeviceRequests } from "./device-requests.ts";
import { EventHub } from "./event-hub.ts";
import { faultOf, HttpFault, internalFault, sendFault, sendJson } from "./fault.ts";
import type { GatewayApi } from "./gateway-api.ts";
import { checkSite, isLoopback } from "./guard.ts";
import { setHeaders } from "./headers.ts";
import { historyRoutes } from "./history-routes.ts";
import { ircRoutes } from "./irc-routes.ts";
import { metricsRoute } from "./metrics-route.ts";
import { PageFiles } from "./page-files.ts";
import { peerRoutes } from "./peer-routes.ts";
import { PortLoans } from "./port-loans.ts";
import { checkNames } from "./query.ts";
import { queueRoutes } from "./queue-routes.ts";
import { type Call, findRoute, type Route } from "./routes.ts";
import { TaskRoutes } from "./task-routes.ts";
import { timelineRoutes } from "./timeline-routes.ts";
import type { Token } from "./token.ts";

export interface HttpServerOptions {
  gateway: GatewayApi;
  about: About;
  host: string;
  /** 0: any free one. */
  port: number;
  tokens: readonly Token[];
  log: Log;
  /** Reads the configuration anew; absent where there is none to read. */
  reload?: () => Promise<ReloadView>;
  /** A backup's bytes; absent where there is none to be had. Throws BACKUP_MEMORY, HISTORY_…. */
  backup?: (history: boolean) => AsyncIterable<Uint8Array>;
  /** Where index.html, page.js, uplot.js and page.css lie. */
  pageDir: string;
}

const SETTING = "http.port";
/** A client has sent its whole request by then; what it waits for is bounded by its own ?timeout. */
const REQUEST_TIMEOUT_MS = 30_000;
/** What clients have to take their last answer when the server stops. */
const STOP_GRACE_MS = 1000;

export class HttpServer {
  private readonly server: Server;
  private readonly access: Access;
  private readonly hub: EventHub;
  private readonly chunks: ChunkHub;
  private readonly loans: PortLoans;
  private readonly requests: DeviceRequests;
  private readonly tasks: TaskRoutes;
  private readonly routes: readonly Route[];
  private readonly inFlight = new Set<ServerResponse>();
  private isOpen = false;

  constructor(private readonly options: HttpServerOptions) {
    const { gateway, about, tokens, pageDir, log } = options;
    // With another store messages are numbered anew.
    const { epoch } = gateway.store;
    this.access = new Access(tokens);
    this.requests = new DeviceRequests(gateway);
    this.tasks = new TaskRoutes(gateway.work);
    this.hub = new EventHub(gateway, { gateway: about.id, version: about.version, epoch });
    this.chunks = new ChunkHub(gateway, about);
    this.loans = new PortLoans(gateway);
    this.routes = [
      ...viewRoutes(gateway, { about, epoch, startedAt: performance.now(), access: this.access }),
      ...queueRoutes(gateway),
      ...timelineRoutes(gateway),
      {
        ...{ method: "GET", path: "/api/v1/events", role: "read", query: ["from"] },
        answer: (call) => this.hub.open(call),
      },
      ...this.requests.routes,
      ...this.chunks.routes,
      ...this.loans.routes,
      ...admissionRoutes(gateway),
      ...peerRoutes(gateway, options.reload),
      ...historyRoutes(gateway.history),
      ...(options.backup === undefined ? [] : [backupRoute(options.backup, log)]),
      ...ircRoutes(gateway),
      ...componentRoutes(gateway.work),
      ...this.tasks.routes,
      metricsRoute(new Metrics({ sources: gateway, version: about.version, now: () => performance.now() })),
      ...pageRoutes(new PageFiles(pageDir, this.access)),
      { method: "GET", path: "/healthz", role: "probe", answer: () => ({ status: "ok" }) },
      { method: "GET", path: "/readyz", role: "probe", answer: () => this.readiness() },
    ];
    const limits = { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS };
    this.server = createServer(limits, (request, response) => void this.serve(request, response));
  }

  /** Resolves with where it really listens; rejects as listenError() says. */
  async start(): Promise<{ host: string; port: number }> {
    const { host, port, log } = this.options;
    const failure = await new Promise<Error | undefined>((resolve) => {
      this.server.once("error", resolve).listen(port, host, () => resolve(undefined));
    });
    if (failure) throw await listenError(failure, { host, port, setting: SETTING });
    this.server.on("error", (error) => log.error({ setting: SETTING, error: error.message }, "http fault"));
    if (!isLoopback(host)) log.warn({ host }, "http.host is beyond loopback: tokens travel in the clear");
    this.hub.start();
    this.chunks.start();
    this.isOpen = true;
    const found = this.server.address() as AddressInfo;
    return { host: found.address, port: found.port };
  }

  /** Cancels the requests that run, ends streams and loans; resolves when every connection is gone. */
  async stop(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    const gone = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.requests.stop();
    this.tasks.stop();
    this.chunks.stop();
    this.loans.stop();
    this.hub.stop();
    await this.lastAnswers();
    this.server.closeAllConnections();
    await gone;
  }

  /** Resolves when all answers are taken, or their time is over. */
  private async lastAnswers(): Promise<void> {
    const taken = [...this.inFlight].map(
      (response) => new Promise<void>((resolve) => response.once("close", resolve)),
    );
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_GRACE_MS);
    });
    await Promise.race([Promise.all(taken), grace]);
    clearTimeout(timer);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.inFlight.add(response);
    response.once("close", () => this.inFlight.delete(response));
    setHeaders(response);
    try {
      await this.answer(request, response);
    } catch (error) {
      this.refuse(request, response, error);
    }
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = parseUrl(request);
    const { route, id } = findRoute(this.routes, request.method ?? "", url.pathname);
    const call = { request, response, url, id };
    this.letIn(route, call);
    const body = await route.answer(call);
    if (body !== undefined) sendJson(response, 200, body);
  }

  /** Throws unless it may be asked, by whom and with what it is. */
  private letIn(route: Route, call: Call): void {
    const { request, url } = call;
    try {
      if (route.role !== "probe") checkSite(request, this.options.host);
      if (route.role === "read" || route.role === "control") this.access.demand(route.role, request, url);
    } catch (error) {
      this.options.gateway.tallies.http.authFailures++;
      route.refused?.(call, this.access.roleOf(request, url), (error as Error).message);
      throw error;
    }
    if (route.role === "read" || route.role === "control") checkNames(url, route.query ?? []);
  }

  private refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const fault = faultOf(error);
    // The path without its query: a token may be in it.
    const path = (request.url ?? "").split("?")[0];
    if (fault === null) {
      const text = error instanceof Error ? error.stack : String(error);
      this.options.log.error({ method: request.method, path, error: text }, "a request was not answered");
    }
    if (response.headersSent) response.destroy();
    else sendFault(response, fault ?? internalFault());
  }

  private readiness(): object {
    if (!this.isOpen) throw new HttpFault(503, "NOT_READY", "answering: the gateway is stopping");
    // Whoever would be sent here now would be refused. A restart mends it not, so /healthz stays as it is.
    if (this.options.gateway.store.fill.fault !== "")
      throw new HttpFault(503, "NOT_READY", "answering: the store takes nothing", { mend: "bowline check" });
    return { status: "ready" };
  }
}

function pageRoutes(page: PageFiles): Route[] {
  const file = (path: string, answer: Route["answer"]): Route => ({
    method: "GET",
    path,
    role: null,
    answer,
  });
  return [
    file("/", (call) => page.index(call)),
    file("/page.js", (call) => page.script(call)),
    file("/uplot.js", (call) => page.plots(call)),
    file("/page.css", (call) => page.style(call)),
  ];
}

function parseUrl(request: IncomingMessage): URL {
  try {
    return new URL(`http://gateway${request.url}`);
  } catch {
    throw new HttpFault(400, "PATH_INVALID", "reading the address of the request: it cannot be parsed");
  }
}
