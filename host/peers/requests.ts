/**
 * Requests to one board: accepted once they are safe in the store, queued, numbered when they are handed to a session,
 * answered or ended. Each ends with exactly one outcome.
 *
 *   accepting ─▶ queued ──room──▶ numbering ──its number is safe──▶ sent ──reply──▶ answered ──committed──▶ delivered
 *                  │ deadline: expired  │ as queued                    │ deadline, or a board that     │
 *                  └ cancel: cancelled  └ goes out as {}               │   began anew: unknown         └ as sent
 *                                                                      └ cancel: cancelled, the board is told
 */
import type { Reply } from "../../shared/message.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { formatPayload } from "../platform/payload.ts";
import type { RecordChange } from "../store/store.ts";
import type { Outcome, RequestBook, RequestDocument } from "./request-book.ts";

/** A packet that waits to be numbered: a request, or the word that one is no longer wanted. */
export interface Outgoing {
  payload: Uint8Array;
  /** The request it carries; 0 for a cancel. */
  rq: number;
}

interface Pending extends Outgoing {
  state: "accepting" | "queued" | "numbering" | "sent" | "answered";
  /** What would have ended it while it, or its reply, was being committed. */
  late: "" | "overdue" | "forgotten" | "cancelled";
  /** May be sent again to a board that began anew (session part 4). */
  retry: boolean;
  /** It was sent to a life of the board that is over, which may have done it. */
  hasLeft: boolean;
  timer: NodeJS.Timeout;
}

/** A request that was accepted. */
export interface Ticket {
  rq: number;
  outcome: Promise<Outcome>;
}

/** Requests to one board that have come to no outcome. */
const MAX_PENDING = 1000;
/** The longest a timer can wait. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export class RequestQueue {
  private readonly pending = new Map<number, Pending>();
  /** In the order they leave; cancels of requests that had left go first. */
  private readonly queued: Outgoing[] = [];
  private readonly cancels: Outgoing[] = [];
  /** Not yet safe in the store. */
  private accepting = 0;
  /** Taken, and their numbers not yet safe. */
  private readonly numbering: Outgoing[] = [];

  /** `wake` is called when there is something to send. */
  constructor(
    private readonly device: string,
    private readonly book: RequestBook,
    /** The largest request the board takes, in bytes. */
    private readonly mostBytes: () => number,
    private readonly wake: () => void,
  ) {}

  /** Requests whose bytes have not left, and cancels. */
  get depth(): number {
    return this.accepting + this.queued.length + this.cancels.length + this.numbering.length;
  }

  /** Requests that have come to no outcome. */
  get open(): number {
    return this.pending.size;
  }

  /** Resolves once `message` is accepted as a request: safe in the store. `signal` cancels it. */
  async add(
    message: { ot: string; retry?: unknown },
    timeoutMs: number,
    deadline: number,
    { key, signal }: { key?: string; signal?: AbortSignal } = {},
  ): Promise<Ticket> {
    if (this.pending.size >= MAX_PENDING) {
      const text = `sending ${message.ot} to ${this.device}: ${this.pending.size} requests wait, ${MAX_PENDING} allowed`;
      throw new BowlineError("QUEUE_FULL", text, ExitCode.busy, "wait, or look at `bowline devices`");
    }
    const document = { device: this.device, message, deadline, timeoutMs, ...(key !== undefined && { key }) };
    const { length } = formatPayload({ ...message, rq: 1e9 });
    if (length > this.mostBytes()) {
      const seen = `the request has ${length} bytes, this board takes ${this.mostBytes()}`;
      const text = `sending ${message.ot} to ${this.device}: ${seen}`;
      throw new BowlineError("REQUEST_TOO_BIG", text, ExitCode.usage, "send less at once");
    }
    const { rq, accepted } = this.book.accept(document);
    const outcome = this.book.outcome(rq)!;
    const request = this.enter({ ...document, rq }, timeoutMs);
    this.accepting++;
    try {
      await accepted;
    } catch (error) {
      clearTimeout(request.timer);
      this.pending.delete(rq);
      throw error;
    } finally {
      this.accepting--;
    }
    if (signal?.aborted) this.cancel(rq);
    else if (signal !== undefined) {
      const onAbort = () => this.cancel(rq);
      signal.addEventListener("abort", onAbort);
      void outcome.then(() => signal.removeEventListener("abort", onAbort));
    }
    if (this.pending.has(rq)) {
      const isOverdue = request.late === "overdue";
      request.late = "";
      if (isOverdue) this.end(rq, { outcome: "expired" });
      else this.queue(request);
    }
    return { rq, outcome };
  }

  /** A request that an earlier gateway accepted. */
  restore(document: RequestDocument, remainingMs: number): void {
    const request = this.enter(document, remainingMs);
    if (document.isSent === true) request.state = "sent";
    else this.queue(request);
  }

  /** The next packet to send, without taking it; undefined when nothing waits. */
  peek(): Outgoing | undefined {
    return this.cancels[0] ?? this.queued[0];
  }

  /** What peek() gave is being numbered; `changes` is to be written with its number. */
  take(): Outgoing & { changes: RecordChange[] } {
    const taken = (this.cancels.length > 0 ? this.cancels : this.queued).shift()!;
    this.numbering.push(taken);
    const request = this.pending.get(taken.rq);
    if (request !== undefined) request.state = "numbering";
    return { payload: taken.payload, rq: taken.rq, changes: this.book.sent(taken.rq, true) };
  }

  /** The first that was taken has its number. False: it is no longer wanted. */
  numbered(): boolean {
    const { rq } = this.numbering.shift()!;
    const request = this.pending.get(rq);
    if (request !== undefined) request.state = "sent";
    return rq === 0 || request !== undefined;
  }

  /** What peek() gave can never be sent. */
  refuse(reason: string): void {
    if (this.cancels.shift() === undefined) this.giveUp(this.queued[0].rq, reason);
  }

  /** What a reply changes in the store, in the commit that takes it; [] when nobody waits for it (any more). */
  changesOf(reply: Reply): RecordChange[] {
    const request = this.pending.get(reply.re);
    if (request === undefined) return [];
    if (request.state === "sent") request.state = "answered";
    return this.book.changes(reply.re, { outcome: "delivered", reply });
  }

  /** Replies that were taken are not in the store: the board will send them again. */
  unanswer(): void {
    for (const [rq, request] of [...this.pending]) {
      if (request.state !== "answered") continue;
      const { late } = request;
      request.state = "sent";
      request.late = "";
      if (late === "forgotten") this.forgetOne(rq, request);
      else if (late === "overdue") this.expire(rq);
      else if (late === "cancelled") this.cancel(rq);
    }
  }

  /** A reply was committed. */
  answer(reply: Reply): void {
    if (!this.pending.has(reply.re)) return;
    this.remove(reply.re);
    this.book.end(reply.re, { outcome: "delivered", reply });
  }

  /** The board has forgotten everything: what had left is unknown, unless it may be sent again. */
  forget(): void {
    this.cancels.length = 0;
    const numbering = this.numbering.splice(0);
    for (const { rq } of numbering.reverse()) {
      const request = this.pending.get(rq);
      if (request !== undefined) this.waitAgain(rq, request);
    }
    const sent = [...this.pending].filter(([, { state }]) => state === "sent" || state === "answered");
    for (const [rq, request] of sent.reverse()) {
      if (request.state === "answered") request.late = "forgotten";
      else this.forgetOne(rq, request);
    }
  }

  /** The gateway stops; what waits is taken up again by the next one. */
  stop(): void {
    for (const { timer } of this.pending.values()) clearTimeout(timer);
  }

  /** False when there is no such request, or it has come to its outcome. */
  cancel(rq: number): boolean {
    const request = this.pending.get(rq);
    if (request === undefined) return false;
    if (request.state === "answered") {
      request.late ||= "cancelled";
      return false;
    }
    this.end(rq, { outcome: "cancelled" });
    if (request.state === "sent") this.tell(rq);
    return true;
  }

  private enter(document: RequestDocument, timeoutMs: number): Pending {
    const { rq, message } = document;
    const payload = formatPayload({ ...message, rq });
    const timer = setTimeout(() => this.expire(rq), Math.min(Math.max(0, timeoutMs), MAX_TIMEOUT_MS));
    const retry = message.retry === true;
    const hasLeft = document.hasLeft === true;
    const request: Pending = { rq, payload, retry, hasLeft, state: "accepting", late: "", timer };
    this.pending.set(rq, request);
    return request;
  }

  private queue(request: Pending): void {
    request.state = "queued";
    this.queued.push(request);
    this.wake();
  }

  private expire(rq: number): void {
    const request = this.pending.get(rq)!;
    const { state } = request;
    // Before it is accepted it can be refused, but comes to no outcome.
    if (state === "answered" || state === "accepting") {
      request.late ||= "overdue";
      return;
    }
    if (state !== "sent") return this.giveUp(rq);
    this.end(rq, { outcome: "unknown", reason: "no answer in time" });
    this.tell(rq);
  }

  /** It has not left for this life of the board, and never will. */
  private giveUp(rq: number, reason?: string): void {
    const { hasLeft } = this.pending.get(rq)!;
    if (hasLeft) this.end(rq, { outcome: "unknown", reason: `${this.device} began anew` });
    else this.end(rq, { outcome: "expired", ...(reason !== undefined && { reason }) });
  }

  /** The board need not go on with request `rq`. */
  private tell(rq: number): void {
    this.cancels.push({ payload: formatPayload({ kill: rq }), rq: 0 });
    this.wake();
  }

  /** The board knows nothing of a request that had left. */
  private forgetOne(rq: number, request: Pending): void {
    if (request.retry) {
      request.hasLeft = true;
      this.waitAgain(rq, request);
    } else this.end(rq, { outcome: "unknown", reason: `${this.device} began anew` });
  }

  /** Before all others. */
  private waitAgain(rq: number, request: Pending): void {
    request.state = "queued";
    this.queued.unshift(request);
    this.book.waitsAgain(rq, request.hasLeft);
  }

  private end(rq: number, outcome: Outcome): void {
    this.remove(rq);
    this.book.conclude(rq, outcome);
  }

  private remove(rq: number): void {
    const request = this.pending.get(rq)!;
    clearTimeout(request.timer);
    this.pending.delete(rq);
    const at = this.queued.indexOf(request);
    if (at >= 0) this.queued.splice(at, 1);
  }
}
