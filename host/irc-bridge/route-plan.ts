/**
 * Which of the messages in the store a route tells next, and which it leaves out: of other boards and types, too old, of
 * a board that was forgotten, unchanged, or overtaken by a newer one of the same board and type while they waited.
 */
import { createHash } from "node:crypto";
import { isNamed } from "../platform/name-pattern.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import { readPage } from "../store/store-follower.ts";
import type { RouteSettings } from "./route-settings.ts";

/** Why a message was not told. */
export interface Skipped {
  tooOld: number;
  forgotten: number;
  overtaken: number;
  unchanged: number;
  /** The store had given it up. */
  givenUp: number;
  /** IRC-IoT has no form for it: a number that JSON cannot carry, say. */
  unwritable: number;
}

/** What was told last of a board and type. */
export interface Told {
  key: string;
  at: number;
  /** Of its fields, but for times. */
  print: string;
}

export interface Planned {
  messages: DeliveredMessage[];
  /** Where to go on when all of them are told. */
  end: number;
  /** Those between that are not told. */
  skips: { n: number; count: number; reason: keyof Skipped }[];
}

export interface PlanServices {
  store: Pick<Store, "read" | "next">;
  wall(): number;
  /** Whether a board is one that is known. */
  knows(device: string): boolean;
}

/** Messages read at once. */
const PAGE = 256;
/** Looked at, at once; of what waits beyond, a newer one is found later. */
const MOST_PAGES = 40;
/** Told together at most. */
const BATCH = 24;

export const nothingSkipped = (): Skipped => ({
  tooOld: 0,
  forgotten: 0,
  overtaken: 0,
  unchanged: 0,
  givenUp: 0,
  unwritable: 0,
});

/** Does the route keep only the newest? */
export const isThinned = ({ everyS, onChange }: RouteSettings) => everyS > 0 || onChange;

export const keyOf = ({ device, message }: DeliveredMessage) => `${device} ${String(message.ot)}`;

export class RoutePlan {
  constructor(
    private readonly route: RouteSettings,
    private readonly services: PlanServices,
  ) {}

  /** Is it still worth a line? */
  isValid({ device, at }: DeliveredMessage): boolean {
    return !this.isOld(at) && this.services.knows(device);
  }

  /** What is next, from message `next` on. */
  async from(next: number, told: ReadonlyMap<string, Told>): Promise<Planned> {
    const planned: Planned = { messages: [], end: next, skips: [] };
    for (let pages = 0; pages < MOST_PAGES && planned.end < this.services.store.next; pages++) {
      if (!isThinned(this.route) && planned.messages.length > 0) break;
      await this.takePage(planned);
    }
    if (isThinned(this.route)) this.thin(planned, told);
    if (planned.messages.length > BATCH) {
      planned.messages.length = BATCH;
      planned.end = planned.messages[BATCH - 1].n + 1;
    }
    return planned;
  }

  private async takePage(planned: Planned): Promise<void> {
    const { messages, gaps, end } = await readPage(this.services.store, planned.end, PAGE);
    for (const { from, to } of gaps) planned.skips.push({ n: from, count: to - from, reason: "givenUp" });
    for (const message of messages) this.sort(message, planned);
    planned.end = end;
  }

  private sort(message: DeliveredMessage, { messages, skips }: Planned): void {
    const { n, device, at, message: content } = message;
    // A reply is told to who asked.
    if (content.re !== undefined) return;
    if (!isNamed(this.route.devices, device) || !isNamed(this.route.types, String(content.ot))) return;
    if (this.isOld(at)) skips.push({ n, count: 1, reason: "tooOld" });
    else if (!this.services.knows(device)) skips.push({ n, count: 1, reason: "forgotten" });
    else messages.push(message);
  }

  /** Of each board and type the last is what counts: one that says what was told last takes back the change before it. */
  private thin(planned: Planned, told: ReadonlyMap<string, Told>): void {
    const newest = new Map<string, DeliveredMessage>();
    const skip = ({ n }: DeliveredMessage, reason: keyof Skipped) =>
      planned.skips.push({ n, count: 1, reason });
    for (const message of planned.messages) {
      const key = keyOf(message);
      const older = newest.get(key);
      if (this.isTooSoon(message, told.get(key))) skip(message, "unchanged");
      else {
        if (older !== undefined) skip(older, "overtaken");
        newest.set(key, message);
      }
    }
    planned.messages = [...newest.entries()]
      .filter(([key, message]) => {
        const isNews = this.isNews(message, told.get(key));
        if (!isNews) skip(message, "unchanged");
        return isNews;
      })
      .map(([, message]) => message)
      .sort((a, b) => a.n - b.n);
  }

  private isTooSoon({ at }: DeliveredMessage, last: Told | undefined): boolean {
    const { everyS } = this.route;
    return last !== undefined && everyS > 0 && at - last.at < everyS * 1000 && at >= last.at;
  }

  private isNews(message: DeliveredMessage, last: Told | undefined): boolean {
    return last === undefined || !this.route.onChange || printOf(message, this.route.fields) !== last.print;
  }

  private isOld(at: number): boolean {
    return at < this.services.wall() - this.route.maxAgeS * 1000;
  }
}

/** Of what it says, but for times: a clock that goes on is no change. */
export function printOf({ message }: DeliveredMessage, fields: readonly string[]): string {
  const told = Object.entries(message).filter(
    ([name]) => name !== "t" && name !== "uptime" && (fields.length === 0 || fields.includes(name)),
  );
  return createHash("sha256").update(JSON.stringify(told)).digest("base64url").slice(0, 16);
}
