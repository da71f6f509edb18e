/**
 * Requests to one board: accepted once they are safe in the store, queued, answered or ended. Each ends with exactly one
 * outcome. What carries one is a packet of the board's queue, which can be withdrawn until its first byte leaves.
 *
 *   accepting ─▶ queued ──first byte──▶ sent ──reply──▶ answered ──committed──▶ delivered
 *                  │ deadline: expired    │ deadline, or a board that began anew: unknown   └ not committed: as sent
 *                  └ cancel: cancelled    └ cancel: cancelled, the board is told
 *
 * A packet that had its number by then goes out as {}.
 */
import type { Reply } from "../../shared/message.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { formatPayload } from "../platform/payload.ts";
import type { Packet, PacketOwner } from "../queue/packet.ts";
import type { RecordChange } from "../store/store.ts";
import { Outbound } from "./outbound.ts";
import { isSent, type PendingRequest } from "./pending-request.ts";
import type { Outcome, RequestBook, RequestDocument } from "./request-book.ts";

/** A request that was accepted. */
export interface Ticket {
  rq: number;
  outcome: Promise<Outcome>;
}

/** Requests to one board that have come to no outcome. */
export const MAX_PENDING = 1000;
/** The longest a timer can wait. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export class Requests implements PacketOwner {
  private readonly pending = new Map<number, PendingRequest>();
  /** Words that a request is no longer wanted, which the board has not acknowledged, and who waits for that. */
  private readonly stopping = new Map<number, { packet: Packet; waiting: (() => void)[] }>();
  /** Not yet safe in the store. */
  private accepting = 0;

  constructor(
    private readonly device: string,
    private readonly book: RequestBook,
    /** The largest request the board takes, in bytes. */
    private readonly mostBytes: () => number,
    private readonly outbound: Outbound,
  ) {}

  /** Requests whose bytes have not left, and cancels. */
  get depth(): number {
    return this.accepting + this.outbound.waiting;
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
      request.state = "waiting";
      if (isOverdue) this.end(rq, { outcome: "expired" });
      else if (request.payload.length > this.mostBytes()) this.refuse(request);
      else this.send(request);
    }
    return { rq, outcome };
  }

  /** A request that an earlier gateway accepted; `packet`: what carries it, of those that have a number. */
  restore(document: RequestDocument, remainingMs: number, packet: Packet | null): void {
    const request = this.enter(document, remainingMs);
    request.state = "waiting";
    request.packet = packet;
    if (packet === null && document.isSent !== true) this.send(request);
  }

  /** The board takes less than it did: what is larger and has no number can never be sent. */
  refuseLarge(): void {
    for (const request of [...this.pending.values()]) {
      const { packet } = request;
      if (packet !== null && packet.number === 0 && packet.size > this.mostBytes()) this.refuse(request);
    }
  }

  /** What a reply changes in the store, in the commit that takes it; [] when nobody waits for it (any more). */
  changesOf(reply: Reply): RecordChange[] {
    const request = this.pending.get(reply.re);
    if (request === undefined) return [];
    if (request.state === "waiting") request.state = "answered";
    return this.book.changes(reply.re, { outcome: "delivered", reply });
  }

  /** Replies that were taken are not in the store: the board will send them again. */
  unanswer(): void {
    for (const [rq, request] of [...this.pending]) {
      if (request.state !== "answered") continue;
      const { late } = request;
      request.state = "waiting";
      request.late = "";
      if (late === "forgotten") this.forgetOne(request);
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
    const forgotten: PendingRequest[] = [];
    for (const request of this.pending.values()) {
      const { rq, state, packet } = request;
      if (state === "answered") request.late = "forgotten";
      else if (isSent(request)) forgotten.push(request);
      else if (packet !== null && packet.number > 0) this.book.waitsAgain(rq, false);
    }
    this.outbound.beginAnew();
    for (const request of forgotten.reverse()) this.forgetOne(request);
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
    const hasIt = isSent(request);
    this.end(rq, { outcome: "cancelled" });
    if (hasIt) this.tell(rq);
    return true;
  }

  /** Whether bytes of it have left, so that the board would have to be told. */
  hasLeft(rq: number): boolean {
    const request = this.pending.get(rq);
    return request !== undefined && isSent(request);
  }

  /** Resolves when the board knows that `rq` is no longer wanted, or nothing of it any more; undefined: it was not told. */
  whenStopped(rq: number): Promise<void> | undefined {
    const word = this.stopping.get(rq);
    return word && new Promise((resolve) => word.waiting.push(resolve));
  }

  /** The board has acknowledged it, or has forgotten it: its reply may still come. */
  onOutcome(packet: Packet): void {
    if (packet.tag === 0) this.stopped(packet);
    const request = this.pending.get(packet.tag as number);
    if (request?.packet === packet) request.packet = null;
  }

  private stopped(packet: Packet): void {
    for (const [rq, word] of this.stopping) {
      if (word.packet !== packet) continue;
      this.stopping.delete(rq);
      for (const resolve of word.waiting) resolve();
    }
  }

  private enter(document: RequestDocument, timeoutMs: number): PendingRequest {
    const { rq, message } = document;
    const payload = formatPayload({ ...message, rq });
    const timer = setTimeout(() => this.expire(rq), Math.min(Math.max(0, timeoutMs), MAX_TIMEOUT_MS));
    const retry = message.retry === true;
    const hasLeft = document.hasLeft === true;
    const request: PendingRequest = {
      rq,
      payload,
      state: "accepting",
      packet: null,
      late: "",
      retry,
      hasLeft,
      timer,
    };
    this.pending.set(rq, request);
    return request;
  }

  private send(request: PendingRequest): void {
    request.packet = Outbound.packetOf(request.payload, request.rq, this);
    this.outbound.add(request.packet);
  }

  private expire(rq: number): void {
    const request = this.pending.get(rq)!;
    const { state } = request;
    // Before it is accepted it can be refused, but comes to no outcome.
    if (state === "answered" || state === "accepting") {
      request.late ||= "overdue";
      return;
    }
    if (!isSent(request)) return this.giveUp(request);
    this.end(rq, { outcome: "unknown", reason: "no answer in time" });
    this.tell(rq);
  }

  private refuse(request: PendingRequest): void {
    const { length } = request.payload;
    this.giveUp(request, `the request has ${length} bytes, ${this.device} takes ${this.mostBytes()}`);
  }

  /** It has not left for this life of the board, and never will. */
  private giveUp({ rq, hasLeft }: PendingRequest, reason?: string): void {
    if (hasLeft) this.end(rq, { outcome: "unknown", reason: `${this.device} began anew` });
    else this.end(rq, { outcome: "expired", ...(reason !== undefined && { reason }) });
  }

  /** The board need not go on with request `rq`. */
  private tell(rq: number): void {
    const packet = Outbound.packetOf(formatPayload({ kill: rq }), 0, this);
    this.stopping.set(rq, { packet, waiting: [] });
    this.outbound.add(packet);
  }

  /** The board knows nothing of a request that had left; one that may be sent again goes before all others. */
  private forgetOne(request: PendingRequest): void {
    const { rq, payload } = request;
    if (request.retry) {
      request.hasLeft = true;
      this.book.waitsAgain(rq, true);
      request.packet = Outbound.packetOf(payload, rq, this);
      this.outbound.addFirst(request.packet);
    } else this.end(rq, { outcome: "unknown", reason: `${this.device} began anew` });
  }

  private end(rq: number, outcome: Outcome): void {
    this.remove(rq);
    this.book.conclude(rq, outcome);
  }

  private remove(rq: number): void {
    const { timer, packet } = this.pending.get(rq)!;
    clearTimeout(timer);
    this.pending.delete(rq);
    if (packet === null) return;
    packet.setInvalid();
    // One that comes back from a lost session goes out as {}.
    packet.deadline = -Infinity;
  }
}
