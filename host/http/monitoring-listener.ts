/** GET /v1/monitoring?last where the original has it: a port of its own, on loopback, without a token (MoniQue MON4). */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log } from "../platform/log.ts";
import { listenError } from "../transports/listen-error.ts";
import { MONITORING_PATH, sendMonitoring } from "./component-routes.ts";
import { faultOf, HttpFault, internalFault, sendFault } from "./fault.ts";
import { checkSite } from "./guard.ts";
import { setHeaders } from "./headers.ts";
import type { WorkApi } from "./work-api.ts";

export interface MonitoringListenerOptions {
  work: Pick<WorkApi, "monitoring">;
  host: string;
  /** 0: any free one. */
  port: number;
  log: Log;
}

const SETTING = "monique.rest.port";
/** A request is a line and a few headers. */
const REQUEST_TIMEOUT_MS = 10_000;

export class MonitoringListener {
  private readonly server: Server;

  constructor(private readonly options: MonitoringListenerOptions) {
    const limits = { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS };
    this.server = createServer(limits, (request, response) => this.serve(request, response));
  }

  /** Resolves with where it really listens; rejects as listenError() says. */
  async start(): Promise<{ host: string; port: number }> {
    const { host, port, log } = this.options;
    const failure = await new Promise<Error | undefined>((resolve) => {
      this.server.once("error", resolve).listen(port, host, () => resolve(undefined));
    });
    if (failure) throw await listenError(failure, { host, port, setting: SETTING });
    this.server.on("error", (error) => log.error({ setting: SETTING, error: error.message }, "http fault"));
    const found = this.server.address() as AddressInfo;
    return { host: found.address, port: found.port };
  }

  async stop(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await gone;
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    setHeaders(response);
    try {
      sendMonitoring(this.options.work, response, this.addressOf(request));
    } catch (error) {
      const fault = faultOf(error);
      if (fault === null)
        this.options.log.error({ error: String(error) }, "a request for monitoring was not answered");
      sendFault(response, fault ?? internalFault());
    }
  }

  /** Throws 4xx unless it asks for what is here. */
  private addressOf(request: IncomingMessage): URL {
    // Without a token only the name keeps a web page from reading it.
    checkSite(request, this.options.host);
    const [path, query] = (request.url ?? "").split("?");
    if (path !== MONITORING_PATH)
      throw new HttpFault(404, "PATH_UNKNOWN", `${path}: no such path; there is: ${MONITORING_PATH}`);
    if (request.method !== "GET" && request.method !== "HEAD") {
      const text = `${request.method} ${path}: allowed: GET, HEAD`;
      throw new HttpFault(405, "METHOD_UNKNOWN", text, { headers: { allow: "GET, HEAD" } });
    }
    return new URL(`http://gateway${path}${query === undefined ? "" : `?${query}`}`);
  }
}
