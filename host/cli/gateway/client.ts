/** The gateway's HTTP API as verbs use it: JSON in and out, its faults as BowlineErrors with the documented exit codes. */
import type { IncomingMessage } from "node:http";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { printable } from "../output/display.ts";
import { type Watched, whileWaiting } from "../process/while-waiting.ts";
import { abortError, connectionError, type HttpCall, noGateway, openCall, readBody } from "./http-call.ts";
import { type Asking, type GatewayOptions, type GatewayPlace, locateGateway, TOKEN_MEND } from "./locate.ts";

/** Exit codes of the API's statuses; any other is a failure. */
const exitCodes: Readonly<Record<number, ExitCode>> = {
  400: ExitCode.usage,
  401: ExitCode.permission,
  403: ExitCode.permission,
  404: ExitCode.notFound,
  413: ExitCode.usage,
  502: ExitCode.refused,
  503: ExitCode.busy,
  504: ExitCode.timeout,
};
/** The gateway is going, which is no matter of waiting. */
const CANCELLED = "REQUEST_CANCELLED";

export class GatewayClient {
  constructor(
    readonly place: GatewayPlace,
    private readonly signal: AbortSignal,
    /** Whoever watches is told when an answer takes long. */
    private readonly watched?: { terminal: Watched; waitsFor: string },
  ) {}

  get(path: string): Promise<unknown> {
    return this.call({ method: "GET", path });
  }

  post(path: string, body: object, headers: Record<string, string> = {}): Promise<unknown> {
    return this.call({ method: "POST", path, body: JSON.stringify(body), headers });
  }

  delete(path: string): Promise<unknown> {
    return this.call({ method: "DELETE", path });
  }

  /** An answer whose body stays open; destroying it ends the connection, as `signal` does. */
  openPost(path: string, body: object, signal: AbortSignal): Promise<IncomingMessage> {
    return this.open({ method: "POST", path, body: JSON.stringify(body), signal });
  }

  /** A stream of Server-Sent Events; `silenceMs` without a byte is its end. */
  openEvents(path: string, headers: Record<string, string>, silenceMs: number): Promise<IncomingMessage> {
    return this.open({ method: "GET", path, headers, silenceMs });
  }

  /** An answer that is text, line by line as it comes. */
  async *lines(path: string): AsyncGenerator<string, undefined> {
    const response = await this.open({ method: "GET", path });
    let rest = "";
    try {
      for await (const piece of response.setEncoding("utf8") as AsyncIterable<string>) {
        const lines = (rest + piece).split(/\r?\n/);
        rest = lines.pop()!;
        yield* lines;
      }
    } catch (error) {
      throw this.signal.aborted ? abortError() : connectionError(error as Error, this.place.url);
    }
    if (rest !== "") yield rest;
  }

  /** An answer that is bytes, as they come: reading rejects with GATEWAY_LOST when it ends before its end. */
  async bytes(path: string): Promise<AsyncIterable<Buffer>> {
    return this.piecesOf(await this.open({ method: "GET", path }));
  }

  private async *piecesOf(response: IncomingMessage): AsyncGenerator<Buffer, undefined> {
    try {
      yield* response as AsyncIterable<Buffer>;
    } catch (error) {
      throw this.signal.aborted ? abortError() : connectionError(error as Error, this.place.url);
    }
  }

  private call(request: ApiRequest): Promise<unknown> {
    const answer = this.ask(request);
    return this.watched ? whileWaiting(this.watched.terminal, this.watched.waitsFor, answer) : answer;
  }

  private async ask(request: ApiRequest): Promise<unknown> {
    const response = await this.open(request);
    return parseAnswer(await readBody(response, this.place.url, this.signal), response, this.place.url);
  }

  private async open({ path, headers, ...rest }: ApiRequest): Promise<IncomingMessage> {
    const { url, token } = this.place;
    const { signal = this.signal } = rest;
    const own: Record<string, string> = { authorization: `Bearer ${token}`, ...headers };
    if (rest.body !== undefined) own["content-type"] = "application/json";
    const response = await openCall({ ...rest, url: new URL(path, url), headers: own, signal });
    if (response.statusCode === 200 || response.statusCode === 202) return response;
    throw faultOf(await readBody(response, url, signal), response, url);
  }
}

type ApiRequest = Pick<HttpCall, "method" | "body" | "silenceMs"> & {
  path: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};

/** `waitsFor`: who answers, where the gateway itself has to ask somebody. */
export async function connectClient(
  options: GatewayOptions,
  asking: Asking & Partial<Watched>,
  waitsFor = "the gateway",
): Promise<GatewayClient> {
  const place = await locateGateway(options, asking);
  const { progress } = asking;
  const watched = progress && { terminal: { progress: progress.bind(asking) }, waitsFor };
  return new GatewayClient(place, asking.signal, watched);
}

function parseAnswer(text: string, response: IncomingMessage, url: URL): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw noGateway(response, url);
  }
}

/** Others have a word in it, boards and servers: a terminal must not act on that. */
function shown(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

function faultOf(text: string, response: IncomingMessage, url: URL): BowlineError {
  const status = response.statusCode ?? 0;
  const { error } = parseAnswer(text, response, url) as { error?: Record<string, unknown> };
  const { code, message, mend } = error ?? {};
  if (typeof code !== "string" || typeof message !== "string") return noGateway(response, url);
  const exitCode = code === CANCELLED ? ExitCode.failure : (exitCodes[status] ?? ExitCode.failure);
  if (code === "TOKEN_NEEDED") {
    const text = `talking to the gateway at ${url.origin}: the token we have is none of its own`;
    return new BowlineError(code, text, exitCode, TOKEN_MEND);
  }
  return new BowlineError(code, shown(message), exitCode, typeof mend === "string" ? shown(mend) : "");
}
