/**
 * Requests to one board: queued, numbered when they are handed to a session, answered or ended. Each ends with exactly
 * one outcome.
 *
 *   queued ──room in the session──▶ sent ──reply──▶ delivered
 *     │ deadline: expired             │ deadline, or a board that began anew: unknown
 *     └ cancel: cancelled             └ cancel: cancelled, and the board is told
 */
import type { Reply } from "../../shared/message.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { formatPayload } from "./payload.ts";

export type Outcome =
  | { outcome: "delivered"; reply: Reply }
  /** Never left the gateway. */
  | { outcome: "expired"; reason?: string }
  | { outcome: "cancelled" }
  /** It left, and no answer came in time, or the board forgot it. */
  | { outcome: "unknown"; reason: string };

interface PendingRequest {
  rq: number;
  payload: Uint8Array;
  /** May be sent again to a board that began anew (session part 4). */
  retry: boolean;
  isSent: boolean;
  timer: NodeJS.Timeout;
  resolve(outcome: Outcome): void;
}

/** Requests to one board that have come to no outcome. */
const MAX_PENDING = 1000;
/** The longest a timer can wait. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export class RequestQueue {
  private readonly pending = new Map<number, PendingRequest>();
  private readonly queued: PendingRequest[] = [];
  /** Cancels of requests that had left. */
  private readonly cancels: Uint8Array[] = [];

  /** `wake` is called when there is something to send. */
  constructor(
    private readonly device: string,
    private readonly nextNumber: () => number,
    /** The largest request the board takes, in bytes. */
    private readonly mostBytes: () => number,
    private readonly wake: () => void,
  ) {}

  get depth(): number {
    return this.queued.length + this.cancels.length;
  }

  /** Queues `message` as a request; `signal` cancels it. */
  add(message: { ot: string; retry?: unknown }, timeoutMs: number, signal?: AbortSignal): Promise<Outcome> {
    if (this.pending.size >= MAX_PENDING) {
      const text = `sending ${message.ot} to ${this.device}: ${this.pending.size} requests wait, ${MAX_PENDING} allowed`;
      return Promise.reject(
        new BowlineError("QUEUE_FULL", text, ExitCode.busy, "wait, or look at `bowline devices`"),
      );
    }
    if (signal?.aborted) return Promise.resolve({ outcome: "cancelled" });
    const rq = this.nextNumber();
    const payload = formatPayload({ ...message, rq });
    if (payload.length > this.mostBytes()) {
      const seen = `the request has ${payload.length} bytes, this board takes ${this.mostBytes()}`;
      const text = `sending ${message.ot} to ${this.device}: ${seen}`;
      return Promise.reject(new BowlineError("REQUEST_TOO_BIG", text, ExitCode.usage, "send less at once"));
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.expire(rq), Math.min(timeoutMs, MAX_TIMEOUT_MS));
      const onAbort = () => this.cancel(rq);
      const done = (outcome: Outcome) => {
        signal?.removeEventListener("abort", onAbort);
        resolve(outcome);
      };
      const request = { rq, payload, retry: message.retry === true, isSent: false, timer, resolve: done };
      this.pending.set(rq, request);
      this.queued.push(request);
      signal?.addEventListener("abort", onAbort);
      this.wake();
    });
  }

  /** The next payload to send, without taking it; undefined when nothing waits. */
  peek(): Uint8Array | undefined {
    return this.cancels[0] ?? this.queued[0]?.payload;
  }

  /** What peek() gave has been numbered. */
  taken(): void {
    if (this.cancels.shift() === undefined) this.queued.shift()!.isSent = true;
  }

  /** What peek() gave can never be sent. */
  refuse(reason: string): void {
    if (this.cancels.shift() === undefined) this.end(this.queued[0].rq, { outcome: "expired", reason });
  }

  /** A reply came; false when nobody waits for it (any more). */
  answer(reply: Reply): boolean {
    if (!this.pending.has(reply.re)) return false;
    this.end(reply.re, { outcome: "delivered", reply });
    return true;
  }

  /** The board has forgotten everything: what had left is unknown, unless it may be sent again. */
  forget(): void {
    this.cancels.length = 0;
    for (const request of [...this.pending.values()].filter((r) => r.isSent).reverse()) {
      if (!request.retry) this.end(request.rq, { outcome: "unknown", reason: `${this.device} began anew` });
      else {
        request.isSent = false;
        this.queued.unshift(request);
      }
    }
  }

  /** The gateway stops. */
  stop(): void {
    for (const rq of [...this.pending.keys()]) this.cancel(rq);
  }

  private cancel(rq: number): void {
    const request = this.pending.get(rq);
    if (request === undefined) return;
    this.end(rq, { outcome: "cancelled" });
    if (request.isSent) this.tell(rq);
  }

  private expire(rq: number): void {
    const { isSent } = this.pending.get(rq)!;
    this.end(rq, isSent ? { outcome: "unknown", reason: "no answer in time" } : { outcome: "expired" });
    if (isSent) this.tell(rq);
  }

  /** The board need not go on with request `rq`. */
  private tell(rq: number): void {
    this.cancels.push(formatPayload({ kill: rq }));
    this.wake();
  }

  private end(rq: number, outcome: Outcome): void {
    const request = this.pending.get(rq)!;
    clearTimeout(request.timer);
    this.pending.delete(rq);
    const at = this.queued.indexOf(request);
    if (at >= 0) this.queued.splice(at, 1);
    request.resolve(outcome);
  }
}
