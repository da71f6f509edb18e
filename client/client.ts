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
/** What an answer that is due may take on its way. */
const ANSWER_MS = 5000;
/** Of a timer. */
const LONGEST_MS = 2 ** 31 - 1;

export class Gateway {
  private readonly base: string;

  /**
   * `url`: as the gateway prints it, or under the path where a proxy has it; of its query the token alone is used, and not
   * sent as part of an address. Throws a TypeError for what is no address.
   */
  constructor(
    url: string,
    private readonly token = addressOf(url).searchParams.get("token") ?? "",
  ) {
    const { origin, pathname } = addressOf(url);
    this.base = `${origin}${pathname.replace(/\/*$/, "")}/`;
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
      // A gateway that stands still says nothing, not even that the time is over.
      const late = limited(left * 1000 + ANSWER_MS, signal);
      try {
        const asked = { body: message, headers: { "idempotency-key": key }, signal: late.signal };
        return (await this.call("POST", path, asked)) as Record<string, unknown>;
      } catch (error) {
        if (signal?.aborted) await this.withdraw(key);
        signal?.throwIfAborted();
        if (!isLoss(error) || Date.now() >= until) throw error;
        // Aborted meanwhile, it is withdrawn by the next turn.
        await pause(tries, signal).catch(() => {});
      } finally {
        late.forget();
      }
    }
  }

  /** Takes a request back, by the key or number that it has -> what became of it. */
  cancel(request: string | number, signal?: AbortSignal): Promise<unknown> {
    return this.call("DELETE", `/api/v1/requests/${encodeURIComponent(request)}`, { signal });
  }

  /** Every message once, in order, for ever: it ends when `signal` is aborted, and by what waiting does not mend. */
  async *messages(options: MessagesOptions = {}): AsyncGenerator<Message, void> {
    const { signal, onGap, onStore, onLost } = options;
    const place = { store: options.store ?? "", last: options.from === undefined ? -1 : options.from - 1 };
    for (let tries = 0; !signal?.aborted; ) {
      try {
        for await (const { event, id, data } of this.events(place.last, signal)) {
          // What came along with the last message that was wanted.
          if (signal?.aborted) return;
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
    const waiting: ServerEvent[] = [];
    const parser = new EventParser((event) => waiting.push(event));
    // Whoever takes a minute for a message does not hear what the gateway says meanwhile: only what is waited for is silent.
    const heard = async <T>(answer: Promise<T>): Promise<T> => {
      const silence = setTimeout(end, SILENCE_MS);
      return answer.finally(() => clearTimeout(silence));
    };
    try {
      const headers: Record<string, string> = last < 0 ? {} : { "last-event-id": String(last) };
      const asked = { headers, signal: connection.signal };
      const { body } = await heard(this.open("GET", "/api/v1/events", asked));
      const reader = body!.getReader();
      for (;;) {
        const { done, value } = await heard(reader.read()).catch(() => ({ done: true, value: undefined }));
        if (done || value === undefined) break;
        parser.receive(value);
        yield* waiting.splice(0);
      }
    } finally {
      signal?.removeEventListener("abort", end);
      end();
    }
    throw new GatewayError("GATEWAY_LOST", `the connection to ${this.base} ended`);
  }

  private async withdraw(key: string): Promise<void> {
    // It may have been answered, or never asked: then there is nothing to be withdrawn.
    await this.cancel(key, AbortSignal.timeout(ANSWER_MS)).catch(() => {});
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
      response = await fetch(this.base + path.replace(/^\//, ""), {
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
      if (error instanceof GatewayError) throw error;
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

/** A signal that ends with `signal`, or after `ms` as a connection that is lost; until it is forgotten. */
function limited(ms: number, signal: AbortSignal | undefined): { signal: AbortSignal; forget(): void } {
  const either = new AbortController();
  const end = () => either.abort(signal!.reason);
  const lost = () =>
    either.abort(new GatewayError("GATEWAY_LOST", `no answer within ${Math.round(ms / 1000)} s`));
  const timer = setTimeout(lost, Math.min(ms, LONGEST_MS));
  if (signal?.aborted) end();
  signal?.addEventListener("abort", end);
  return {
    signal: either.signal,
    forget() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    },
  };
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
