/**
 * The live events of a gateway, for ever: every message once, in order, through lost connections and restarts.
 *
 *   CONNECTING ──event: gateway, of the epoch we know or the first──▶ FOLLOWING ──connection lost──▶ CONNECTING
 *       ▲                                                                │            (after a pause)
 *       └── from the oldest message ◀── the gateway has another epoch ───┘
 */

import type { ServerEvent } from "../../../client/event-parser.ts";
import type { DeliveredMessage, GapEvent, GatewayEvent } from "../../http/api.ts";
import type { BowlineError } from "../../platform/errors.ts";
import type { GatewayClient } from "./client.ts";
import { followForever, parseData, readEvents } from "./event-source.ts";

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
  /** Resolves when there is room for more. */
  whenReady?: () => Promise<void>;
  /** For tests. */
  pausesMs?: readonly number[];
}

export class EventFeed {
  /** The last message seen or known to be gone; undefined before the first connection. */
  private last: number | undefined;
  private epoch = "";
  private how: "first" | "again" | "anew" = "first";

  constructor(
    private readonly options: FeedOptions,
    private readonly handler: FeedHandler,
  ) {}

  /** Ends only by rejecting: an AbortError, or what waiting does not mend; before the first connection, also a loss. */
  async run(): Promise<void> {
    const { signal, pausesMs } = this.options;
    const onLost = (error: BowlineError) => this.handler.onLost(error);
    await followForever((onStanding) => this.followOnce(onStanding), { signal, pausesMs, onLost });
  }

  /** One connection, until it is lost or has to be begun anew. */
  private async followOnce(onStanding: () => void): Promise<"again"> {
    const client = await this.options.connect();
    const { from, signal, whenReady = async () => {} } = this.options;
    const headers = this.last === undefined ? undefined : { "last-event-id": String(this.last) };
    const query = headers === undefined && from !== undefined ? `?from=${from}` : "";
    const place = { client, path: `api/v1/events${query}`, headers: headers ?? {}, signal, whenReady };
    await readEvents(place, (event) => {
      if (event.event === "gateway") onStanding();
      return this.take(event) === "void" ? "enough" : undefined;
    });
    return "again";
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
    if (isAnew) {
      this.how = "anew";
      this.last = 0;
      return "void";
    }
    this.handler.onFollowing(gateway, this.how);
    this.how = "again";
    return undefined;
  }
}
