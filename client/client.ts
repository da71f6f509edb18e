/**
 * A gateway as a program elsewhere uses it: its boards, requests to them, and every message once, in order, over lost
 * connections and restarts of both. Needs fetch and nothing else: Node, Deno, Bun, and pages that the gateway serves.
 */
import { EventParser, type ServerEvent } from "./event-parser.ts";

/** A delivered message, as GET /api/v1/messages has it. */
export interface Message {
  n: number;
  device: string;
  epoch: string;
  seq: number;
  t?: number;
  at: number;
  message: Record<string, unknown>;
}

export interface RequestOptions {
  /** How long the board may take, waiting until it is there included, s. */
  timeoutS?: number;
  /** Who asks with the same key again asks for the same request. */
  key?: string;
  /** Aborted, the request is withdrawn. */
  signal?: AbortSignal;
}

export interface MessagesOptions {
  /** The first wanted, by its n; absent: those to come. */
  from?: number;
  /** The store that `from` is a number of, as onStore told; that of another is read from its first message on. */
  store?: string;
  signal?: AbortSignal;
  /** Connected; messages are numbers of this store. */
  onStore?(store: string): void;
  /** Messages `from` to `to` were given up by the store before they were read. */
  onGap?(from: number, to: number): void;
  /** The connection is lost; it is tried again for ever. */
  onLost?(error: Error): void;
}

/** What a gateway answers when it does not do what it was asked for; and that it cannot be reached. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";

  /** `code`: as the API has it, or GATEWAY_LOST. `mend`: a command or a setting; "": none is known. */
  constructor(
    readonly code: string,
    message: string,
    readonly status = 0,
    readonly mend = "",
  ) {
    super(message);
  }

  static async of(response: Response): Promise<GatewayError> {
    const { error } = (await response.json().catch(() => ({}))) as { error?: Record<string, string> };
    const message = error?.message ?? `${response.url} answers ${response.status}, and not as a gateway does`;
    return new GatewayError(error?.code ?? "NO_GATEWAY", message, response.status, error?.mend);
  }
}

const PAUSES_MS = [100, 200, 500, 1000, 2000];
/** The gateway says something every 15 s. */
const SILENCE_MS = 40_000;

export class Gateway {
  private readonly base: string;

  /**
   * `url`: as the gateway prints it; of it the token alone is used, and not sent as part of an address. Throws a TypeError
   * for what is no address.
   */
  constructor(
    url: string,
    private readonly token = addressOf(url).searchParams.get("token") ?? "",
  ) {
    this.base = new URL("/", addressOf(url)).href;
  }

  /** GET, as JSON: "/api/v1/devices". Rejects with a GatewayError. */
  get(path: string, signal?: AbortSignal): Promise<unknown> {
    return this.call("GET", path, { signal });
  }

  /** The boards, as GET /api/v1/devices has them. */
  async devices(): Promise<Record<string, unknown>[]> {
    return ((await this.get("/api/v1/devices")) as { devices: Record<string, unknown>[] }).devices;
  }

  /**
   * Asks a board. Resolves with its reply, also one that says `err`; rejects with a GatewayError once the gateway says
   * that there is none. While the gateway cannot be reached the same request is asked for again.
   */
  async request(
    device: string,
    message: { ot: string; [field: string]: unknown },
    { timeoutS = 30, key = crypto.randomUUID(), signal }: RequestOptions = {},
  ): Promise<Record<string, unknown>> {
    const until = Date.now() + timeoutS * 1000;
    for (let tries = 0; ; tries++) {
      const left = Math.max(1, (until - Date.now()) / 1000);
      const path = `/api/v1/devices/${encodeURIComponent(device)}/requests?timeout=${left}`;
      try {
        const headers = { "idempotency-key": key };
        return (await this.call("POST", path, { body: message, headers, signal })) as Record<string, unknown>;
      } catch (error) {
        if (signal?.aborted) await this.withdraw(key);
        signal?.throwIfAborted();
        if (!isLoss(error) || Date.now() >= until) throw error;
        await pause(tries, signal);
      }
    }
  }

  /** Takes a request back, by the key or number that it has -> what became of it. */
  cancel(request: string | number): Promise<unknown> {
    return this.call("DELETE", `/api/v1/requests/${encodeURIComponent(request)}`, {});
  }

  /** Every message once, in order, for ever: it ends when `signal` is aborted, and by what waiting does not mend. */
  async *messages(options: MessagesOptions = {}): AsyncGenerator<Message, void> {
    const { signal, onGap, onStore, onLost } = options;
    const place = { store: options.store ?? "", last: options.from === undefined ? -1 : options.from - 1 };
    for (let tries = 0; !signal?.aborted; ) {
      try {
        for await (const { event, id, data } of this.events(place.last, signal)) {
          tries = 0;
          const told = JSON.parse(data);
          if (event === "gateway") {
            const isAnew = place.store !== "" && place.store !== told.epoch;
            place.store = told.epoch;
            onStore?.(told.epoch);
            if (isAnew) {
              place.last = 0;
              break;
            }
            place.last = Math.max(place.last, Number(id));
          } else if (event === "gap") {
            place.last = told.to;
            onGap?.(told.from, told.to);
          } else if (event === "message" && told.n > place.last) {
            place.last = told.n;
            yield told as Message;
          }
        }
      } catch (error) {
        if (signal?.aborted) return;
        if (!isLoss(error)) throw error;
        if (tries === 0) onLost?.(error as Error);
        await pause(tries++, signal).catch(() => {});
      }
    }
  }

  /** One connection's events; rejects once it is lost. `last`: the message before the first wanted; -1: those to come. */
  private async *events(last: number, signal: AbortSignal | undefined): AsyncGenerator<ServerEvent, void> {
    const connection = new AbortController();
    const end = () => connection.abort();
    signal?.addEventListener("abort", end);
    let silence = setTimeout(end, SILENCE_MS);
    const waiting: ServerEvent[] = [];
    const parser = new EventParser((event) => waiting.push(event));
    try {
      const headers: Record<string, string> = last < 0 ? {} : { "last-event-id": String(last) };
      const { body } = await this.open("GET", "/api/v1/events", { headers, signal: connection.signal });
      const reader = body!.getReader();
      for (;;) {
        const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
        if (done || value === undefined) break;
        clearTimeout(silence);
        silence = setTimeout(end, SILENCE_MS);
        parser.receive(value);
        yield* waiting.splice(0);
      }
    } finally {
      clearTimeout(silence);
      signal?.removeEventListener("abort", end);
      end();
    }
    throw new GatewayError("GATEWAY_LOST", `the connection to ${this.base} ended`);
  }

  private async withdraw(key: string): Promise<void> {
    // It may have been answered, or never asked: then there is nothing to be withdrawn.
    await this.cancel(key).catch(() => {});
  }

  private async call(method: string, path: string, asked: Asked): Promise<unknown> {
    const response = await this.open(method, path, asked);
    return response.json().catch(() => {
      asked.signal?.throwIfAborted();
      throw new GatewayError("GATEWAY_LOST", `the answer of ${this.base} broke off`);
    });
  }

  private async open(method: string, path: string, { body, headers, signal }: Asked): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(new URL(path, this.base), {
        method,
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
      });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : error;
      throw new GatewayError("GATEWAY_LOST", `talking to ${this.base}: ${cause}`);
    }
    if (response.ok) return response;
    throw await GatewayError.of(response);
  }
}

/** Without what may be a token in the error. */
function addressOf(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address?.protocol === "http:" || address?.protocol === "https:") return address;
  const [seen] = url.split("?");
  throw new TypeError(
    `talking to ${seen}: it is no address of a gateway; expected http://HOST:PORT/?token=…`,
  );
}

interface Asked {
  body?: object;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** Longer and longer; rejects as soon as `signal` is aborted. */
function pause(tries: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", end);
        resolve();
      },
      PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)],
    );
    signal?.addEventListener("abort", end);
  });
}

/** What a proxy in front of a gateway that is away answers, in words of its own. */
const proxys = [502, 503, 504];

/** A gateway that starts or stops, and one that is not there: asked again, it may answer. */
function isLoss(error: unknown): boolean {
  if (!(error instanceof GatewayError)) return false;
  const { code, status } = error;
  return code === "GATEWAY_LOST" || status === 503 || (code === "NO_GATEWAY" && proxys.includes(status));
}
