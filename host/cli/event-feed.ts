/**
 * The live events of a gateway, for ever: every message once, in order, through lost connections and restarts.
 *
 *   CONNECTING ──event: gateway, of the epoch we know or the first──▶ FOLLOWING ──connection lost──▶ CONNECTING
 *       ▲                                                                │            (after a pause)
 *       └── from the oldest message ◀── the gateway has another epoch ───┘
 */
import { setTimeout } from "node:timers/promises";
import type { DeliveredMessage, GapEvent, GatewayEvent } from "../http/api.ts";
import { BowlineError } from "../platform/errors.ts";
import type { GatewayClient } from "./client.ts";
import { lossCodes } from "./http-call.ts";
import { EventParser, type ServerEvent } from "./sse.ts";

export interface FeedHandler {
  onMessage(message: DeliveredMessage): void;
  /** Messages from…to were given up by the store before they could be read. */
  onGap(from: number, to: number): void;
  /** The stream stands: for the first time, again, or to a gateway whose messages are numbered anew. */
  onFollowing(gateway: GatewayEvent, how: "first" | "again" | "anew"): void;
  onLost(error: BowlineError): void;
}

export interface FeedOptions {
  /** Called for every connection: a gateway that was set up anew has another token. */
  connect(): Promise<GatewayClient>;
  /** The first message wanted; undefined: those to come. */
  from: number | undefined;
  signal: AbortSignal;
  /** For tests. */
  pausesMs?: readonly number[];
}

const PAUSES_MS = [100, 200, 500, 1000, 2000];
/** The gateway says something every 15 s. */
const SILENCE_MS = 40_000;

export class EventFeed {
  /** The last message seen or known to be gone; undefined before the first connection. */
  private last: number | undefined;
  private epoch = "";
  private how: "first" | "again" | "anew" = "first";
  private failures = 0;

  constructor(
    private readonly options: FeedOptions,
    private readonly handler: FeedHandler,
  ) {}

  /** Ends only by rejecting: an AbortError, or what waiting does not mend; before the first connection, also a loss. */
  async run(): Promise<never> {
    for (;;) {
      try {
        await this.followOnce();
      } catch (error) {
        const isLoss = error instanceof BowlineError && lossCodes.includes(error.code);
        if (!isLoss || this.epoch === "") throw error;
        if (this.failures === 0) this.handler.onLost(error);
        await this.pause();
      }
    }
  }

  /** One connection, until it is lost or has to be begun anew. */
  private async followOnce(): Promise<void> {
    const client = await this.options.connect();
    const { from } = this.options;
    const headers = this.last === undefined ? undefined : { "last-event-id": String(this.last) };
    const query = headers === undefined && from !== undefined ? `?from=${from}` : "";
    const response = await client.openEvents(`api/v1/events${query}`, headers ?? {}, SILENCE_MS);
    let isVoid = false;
    const parser = new EventParser((event) => {
      isVoid ||= this.take(event) === "void";
    });
    try {
      for await (const chunk of untilLost(response)) {
        parser.receive(chunk);
        if (isVoid) return;
      }
    } finally {
      response.destroy();
    }
    this.options.signal.throwIfAborted();
    throw new BowlineError("GATEWAY_LOST", `the connection to ${client.place.url.origin} was lost`);
  }

  /** "void": numbers are of another epoch, so that the rest of this stream begins at the wrong one. */
  private take({ event, data, id }: ServerEvent): "void" | undefined {
    if (event === "gateway") return this.greet(parseData<GatewayEvent>(data), Number(id));
    if (event === "gap") {
      const { from, to } = parseData<GapEvent>(data);
      this.last = to;
      this.handler.onGap(from, to);
    } else if (event === "message") {
      const message = parseData<DeliveredMessage>(data);
      if (this.last !== undefined && message.n <= this.last) return undefined;
      this.last = message.n;
      this.handler.onMessage(message);
    }
    return undefined;
  }

  private greet(gateway: GatewayEvent, id: number): "void" | undefined {
    const isAnew = this.epoch !== "" && gateway.epoch !== this.epoch;
    if (this.epoch === "") this.last = id;
    this.epoch = gateway.epoch;
    this.failures = 0;
    if (isAnew) {
      this.how = "anew";
      this.last = 0;
      return "void";
    }
    this.handler.onFollowing(gateway, this.how);
    this.how = "again";
    return undefined;
  }

  private pause(): Promise<void> {
    const { signal, pausesMs = PAUSES_MS } = this.options;
    const ms = pausesMs[Math.min(this.failures++, pausesMs.length - 1)];
    return setTimeout(ms, undefined, { signal });
  }
}

/** The chunks until the connection ends, however it does. */
async function* untilLost(response: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* response;
  } catch {
    // Which error it was says less than that the gateway no longer answers: the next connection tells.
  }
}

function parseData<T>(data: string): T {
  try {
    return JSON.parse(data) as T;
  } catch {
    const seen = JSON.stringify(data.slice(0, 40));
    throw new BowlineError(
      "NO_GATEWAY",
      `reading an event: ${seen} is no JSON; expected what a gateway sends`,
    );
  }
}
