/** A board whose message is held: it waits beside the others, with a cursor of its own, and tries again by itself. */
import type { Retry } from "../platform/retry.ts";
import type { DeliveredMessage } from "../store/store.ts";
import type { AsideDocument } from "./cursor.ts";
import { SpanCount } from "./span-count.ts";

/** As it is shown (GET /api/v1/northbound). */
export interface AsideView {
  device: string;
  /** Its messages that the other side may not have, as far as the cursor of the others has come. */
  behind: number;
  /** Why its first message is not taken; "": it is about to be tried: after the gateway's start, or while it catches up. */
  fault: string;
  /** What may help. */
  mend: string;
  /** Since when it is held, ms since 1970. */
  since: number;
}

export class AsideBoard {
  /** Messages of it that the cursor of the others has passed. */
  readonly passed = new SpanCount();
  /** Read from the store, the first of them is next. */
  messages: DeliveredMessage[] = [];
  fault = "";
  mend = "";
  isReading = false;

  /** `next`: its first message that is not taken; its messages below `until` are not the others' any more. */
  constructor(
    readonly device: string,
    public next: number,
    public until: number,
    /** Where the other side stood before any of its messages from `next` on was sent first. */
    public place: number,
    readonly since: number,
    private readonly retry: Retry,
  ) {}

  static of({ device, next, count, place, since }: AsideDocument, reached: number, retry: Retry): AsideBoard {
    const board = new AsideBoard(device, next, reached, place, since, retry);
    board.passed.add(next, count);
    return board;
  }

  get isWaiting(): boolean {
    return this.retry.isWaiting;
  }

  /** What comes next is not for the other side, or it has it: `place` is where it stands there. */
  advance(n: number, place: number, reached: number): void {
    this.next = n + 1;
    if (this.messages[0]?.n === n) this.messages.shift();
    if (n < reached) this.passed.take();
    // A board's messages stand there in their order.
    this.place = Math.max(this.place, place);
  }

  /** Not taken, for now. */
  wait(fault: string, mend: string): void {
    Object.assign(this, { fault, mend });
    this.retry.later();
  }

  /** Its first message is over: what comes next is tried at once, and soon again. */
  goOn(): void {
    Object.assign(this, { fault: "", mend: "" });
    this.retry.stop();
    this.retry.reset();
  }

  /** It waits no longer. */
  stop(): void {
    this.retry.stop();
  }

  document(): AsideDocument {
    const { device, next, place, since } = this;
    return { device, next, count: this.passed.total, place, since };
  }

  view(): AsideView {
    const { device, fault, mend, since } = this;
    return { device, behind: this.passed.total, fault, mend, since };
  }
}
