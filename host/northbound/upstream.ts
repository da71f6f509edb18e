/** A system beyond the gateway that messages are handed on to, as the gateway runs it and as it is shown. */
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Store } from "../store/store.ts";
import type { AsideView } from "./aside-board.ts";

export interface UpstreamServices {
  store: Store;
  clock: Clock;
  log: Log;
}

export interface Upstream {
  /** The store is open. */
  load(): Promise<void>;
  start(): void;
  /** A message is in the store. */
  wake(): void;
  /** A board has come, gone, or is to be shown no more. */
  look?(): void;
  /** Sends nothing more, and waits for what is on its way, at most `ms`. */
  stop(ms: number): Promise<void>;
  view(): UpstreamView;
}

/** How far messages have come. */
export interface ForwarderView {
  /** Messages that the other side may not have. */
  behind: number;
  /** When the first of them arrived here, ms since 1970; 0: there is none. */
  oldestAt: number;
  inFlight: number;
  /** Since this process began. */
  sent: number;
  repeated: number;
  missed: number;
  refused: number;
  /** Why nothing is taken; "" once something was. */
  fault: string;
  /** Boards whose messages are held, while those of others pass. */
  aside: AsideView[];
}

/** An entry of GET /api/v1/northbound. */
export interface UpstreamView extends ForwarderView {
  /** As it is configured: "mqtt", "nats", "webhooks.NAME". */
  name: string;
  kind: "mqtt" | "nats" | "webhook";
  /** Its address, without what is secret in it. */
  target: string;
  /** away: it cannot be reached, or takes nothing; `fault` says why. */
  state: "connected" | "away" | "idle";
  /** What may help while there is a fault. */
  mend: string;
}
