/**
 * Requests to boards behind other gateways: accepted, listed and ended as those to boards of this one, and sent once.
 *
 *   accepting ─request and frame in one commit─▶ out ──reply, NAK──▶ answered ──committed──▶ its outcome
 *                                                 │ deadline: expired when no byte of the frame left, else unknown │ as out
 *                                                 └ cancel: cancelled                                              └ when not
 *
 * Where the frame may have left a CANCEL goes after it, in the commit of the outcome. The deadline covers queue, flight
 * and reply (iotgw H14).
 */
import { Command, Reqtype } from "../iotgw/commands.ts";
import type { Ref } from "../iotgw/frame.ts";
import type { Outcome, RequestBook, RequestDocument } from "../peers/request-book.ts";
import type { Ticket } from "../peers/requests.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { Lane, type Outcome as PacketOutcome } from "../queue/packet.ts";
import type { Store } from "../store/store.ts";
import { CancelWords } from "./cancel-words.ts";
import type { Arrived, Effect } from "./frame-intake.ts";
import type { Mesh } from "./mesh.ts";
import { formatMessageId, type MessageId, parseMessageId } from "./message-id.ts";
import type { OnOutcome } from "./peer-frames.ts";
import { encodeJson, endedWith, parseOutcome } from "./request-content.ts";

export interface RemoteAddress {
  /** As it was asked for: "gw2/sim-1". */
  address: string;
  gateway: bigint;
  /** What the board is called there. */
  board: string;
}

interface Pending {
  rq: number;
  gateway: bigint;
  board: string;
  id: MessageId;
  state: "accepting" | "out" | "answered";
  /** What ended it, or would have while it, or its answer, was being committed. */
  late: "" | "overdue" | "cancelled" | "removed";
  /** ms of the monotonic clock. */
  deadline: number;
  timer: NodeJS.Timeout | null;
}

/** Requests to one gateway that have come to no outcome. */
const MAX_PENDING = 1000;
/** The longest a timer can wait. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export interface RequestServices {
  mesh: Mesh;
  store: Store;
  book: RequestBook;
  clock: Clock;
  log: Log;
}

export class RemoteRequests {
  /** Answers to requests that have come to another outcome, or were never made here (iotgw P-rqid). */
  readonly counts = { unmatched: 0 };
  private readonly pending = new Map<number, Pending>();
  /** By what their frames are known by. */
  private readonly byFrame = new Map<string, Pending>();
  private readonly words: CancelWords;
  /** Of which an answer was in a commit that failed. */
  private readonly unsure = new Set<number>();
  private isStarted = false;

  constructor(private readonly services: RequestServices) {
    this.words = new CancelWords(services);
  }

  /** Takes over what an earlier gateway accepted, before the mesh has any peer. */
  load(): void {
    const { book, clock } = this.services;
    for (const document of book.remote()) {
      const remainingMs = Math.min(document.timeoutMs, document.deadline - clock.wall());
      const request = this.enter(document, parseMessageId(document.frame!), remainingMs);
      request.state = "out";
    }
  }

  /** What waits on the way is known now: deadlines are watched. */
  start(): void {
    this.isStarted = true;
    for (const request of this.pending.values()) this.arm(request);
  }

  /** The gateway stops; the next one goes on. */
  stop(): void {
    for (const { timer } of this.pending.values()) if (timer !== null) clearTimeout(timer);
  }

  /** Resolves once the request is accepted: it and its frame are safe. `signal` cancels it. Rejects as Mesh.prepare() does. */
  async request(
    { address, gateway, board }: RemoteAddress,
    message: { ot: string },
    timeoutMs: number,
    { key, signal }: { key?: string; signal?: AbortSignal } = {},
  ): Promise<Ticket> {
    const { mesh, book, clock } = this.services;
    const open = this.openTo(gateway);
    if (open >= MAX_PENDING) {
      const text = `sending ${message.ot} to ${address}: ${open} requests wait for that gateway, ${MAX_PENDING} allowed`;
      throw new BowlineError("QUEUE_FULL", text, ExitCode.busy, "wait, or look at `bowline queue`");
    }
    const numbered = mesh.prepare({
      ...{ dst: gateway, cmd: Command.DATA, reqtype: Reqtype.REQUEST, lane: Lane.NORMAL, ttlMs: timeoutMs },
      content: encodeJson({ device: board, message }),
      onOutcome: (outcome, maybeDelivered) => this.onFrameOver(frame, outcome, maybeDelivered),
    });
    const frame = formatMessageId(numbered.id);
    const document = {
      ...{ device: address, message, deadline: clock.wall() + timeoutMs, timeoutMs },
      ...(key !== undefined && { key }),
      ...{ gateway: `${gateway}`, frame },
    };
    const { rq, accepted } = book.accept(document, {
      changes: numbered.changes,
      onCommitted: () => {
        request.state = "out";
        numbered.onCommitted();
      },
      onFailed: () => {
        numbered.onRefused();
        this.remove(request);
      },
    });
    const request = this.enter({ ...document, rq }, numbered.id, timeoutMs);
    const outcome = book.outcome(rq)!;
    this.listen(rq, signal, outcome);
    await accepted;
    return { rq, outcome };
  }

  /** What becomes of the frame of a request that an earlier gateway accepted. */
  kept(id: MessageId): OnOutcome {
    const frame = formatMessageId(id);
    return (outcome, maybeDelivered) => this.onFrameOver(frame, outcome, maybeDelivered);
  }

  /** Withdraws a request: without a trace while no byte of it left. False: there is none, or it has its outcome. */
  cancel(rq: number): boolean {
    const request = this.pending.get(rq);
    if (request === undefined) return false;
    if (request.state !== "answered") this.withdraw(request, "cancelled");
    else request.late ||= "cancelled";
    return request.state !== "answered";
  }

  /** As CancelWords.whenTold(). */
  whenTold(rq: number): Promise<void> | undefined {
    return this.words.whenTold(rq);
  }

  /** Of one that an earlier gateway kept nobody knows: it may have. */
  hasLeft(rq: number): boolean {
    const request = this.pending.get(rq);
    if (request === undefined || request.state === "accepting") return false;
    return this.services.mesh.findRequest(request.id)?.hasLeft !== false;
  }

  /** Peers were removed, or routes: what no way leads to any more is over (iotgw G5). */
  forgetUnreachable(): void {
    for (const request of [...this.pending.values()]) {
      if (this.services.mesh.nextHop(request.gateway) !== undefined) continue;
      if (request.state === "out") this.onFrameOver(formatMessageId(request.id), "peer-removed", true);
      else request.late ||= "removed";
    }
  }

  /** The store was opened anew: an answer whose commit had failed may be there all the same. */
  async catchUp(): Promise<void> {
    const { book } = this.services;
    for (const rq of [...this.unsure]) {
      await book.findAnswer(rq);
      // Not before: should the store fail once more meanwhile, it is looked for again.
      this.unsure.delete(rq);
      const request = this.pending.get(rq);
      if (request !== undefined && !book.isOpen(rq)) this.remove(request);
    }
  }

  /** Requests to a gateway, or to one board of it, that have come to no outcome. */
  openTo(gateway: bigint, board = ""): number {
    let count = 0;
    for (const request of this.pending.values())
      if (request.gateway === gateway && (board === "" || request.board === board)) count++;
    return count;
  }

  // ── frames for this gateway ─────────────────────────────────────────────────────────────────────────────────

  /** A DATA reply. */
  answer({ frame, id, bytes, contentStart, end }: Arrived): Effect {
    const request = this.asked(frame.ref);
    // Only who was asked may say what became of it.
    if (request === undefined || request.gateway !== id.origin) return this.skip();
    return this.endBy(request, parseOutcome(request.rq, frame.error, bytes, contentStart, end));
  }

  /** A frame ended on its way; null: it is of none of the requests made here. */
  refused(id: MessageId, code: number, text: string): Effect | null {
    const request = this.asked(id);
    return request === undefined ? null : this.endBy(request, endedWith(code, text));
  }

  private asked(ref: Ref | undefined): Pending | undefined {
    if (ref === undefined) return undefined;
    const request = this.byFrame.get(formatMessageId({ ...ref, lane: Lane.NORMAL }));
    return request?.state === "out" ? request : undefined;
  }

  private skip(): Effect {
    this.counts.unmatched++;
    return {};
  }

  private endBy(request: Pending, end: Outcome): Effect {
    const { book } = this.services;
    const { rq } = request;
    request.state = "answered";
    return {
      changes: book.changes(rq, end),
      onCommitted: () => {
        this.remove(request);
        book.end(rq, end);
      },
      onFailed: () => this.unanswer(request),
    };
  }

  /** Its answer is not in the store, as far as is known: it will be sent again. */
  private unanswer(request: Pending): void {
    const { late } = request;
    request.state = "out";
    request.late = "";
    this.unsure.add(request.rq);
    if (late === "overdue" || late === "cancelled") this.withdraw(request, late);
    else if (late === "removed") this.onFrameOver(formatMessageId(request.id), "peer-removed", true);
  }

  // ── how a request ends from here ────────────────────────────────────────────────────────────────────────────

  /** What became of the frame on its way to the next hop. */
  private onFrameOver(frame: string, outcome: PacketOutcome, maybeDelivered: boolean): void {
    const request = this.byFrame.get(frame);
    if (request === undefined || request.state === "answered" || outcome === "delivered") return;
    const { rq, late } = request;
    switch (outcome) {
      case "expired":
        // One that an earlier gateway kept may have left in its time.
        return maybeDelivered ? this.endAndTell(request) : this.end(rq, { outcome: "expired" });
      case "cancelled":
        return this.end(rq, late === "overdue" ? { outcome: "expired" } : { outcome: "cancelled" });
      case "unknown":
        return this.endAndTell(request);
      case "peer-removed": {
        const reason = `gateway ${request.gateway} is no longer a peer`;
        if (maybeDelivered) return this.end(rq, { outcome: "unknown", reason });
        return this.end(rq, { outcome: "rejected", code: "PEER_REMOVED", reason });
      }
      case "dropped-by-policy":
      case "rejected":
        return this.end(rq, { outcome: "rejected", code: "QUEUE_FULL", reason: "too much waits for it" });
    }
  }

  /** Takes the frame back; where that is too late the other side is told. */
  private withdraw(request: Pending, why: "overdue" | "cancelled"): void {
    request.late = why;
    // Whoever holds the frame says at once what became of it: onFrameOver().
    this.services.mesh.findRequest(request.id)?.endLife();
    if (request.state === "out" && this.pending.has(request.rq)) this.endAndTell(request);
  }

  /** The frame may have arrived: the other side need not begin, or go on. */
  private endAndTell(request: Pending): void {
    const { book, store } = this.services;
    const { rq, late } = request;
    const end: Outcome =
      late === "cancelled" ? { outcome: "cancelled" } : { outcome: "unknown", reason: "no answer in time" };
    const cancel = this.words.prepare(request);
    this.remove(request);
    store.keep([...book.changes(rq, end), ...(cancel?.changes ?? [])], () => {
      cancel?.onCommitted();
      book.end(rq, end);
    });
  }

  private end(rq: number, outcome: Outcome): void {
    const request = this.pending.get(rq);
    if (request === undefined) return;
    this.remove(request);
    this.services.book.conclude(rq, outcome);
  }

  private enter(document: RequestDocument, id: MessageId, remainingMs: number): Pending {
    const { rq } = document;
    const deadline = this.services.clock.now() + remainingMs;
    const gateway = BigInt(document.gateway!);
    const board = document.device.slice(document.device.indexOf("/") + 1);
    const request: Pending = { rq, gateway, board, id, state: "accepting", late: "", deadline, timer: null };
    this.pending.set(rq, request);
    this.byFrame.set(document.frame!, request);
    if (this.isStarted) this.arm(request);
    return request;
  }

  private arm(request: Pending): void {
    const left = Math.min(Math.max(0, request.deadline - this.services.clock.now()), MAX_TIMEOUT_MS);
    request.timer = setTimeout(() => this.expire(request), left);
  }

  private expire(request: Pending): void {
    if (request.state === "answered") request.late ||= "overdue";
    else this.withdraw(request, "overdue");
  }

  private listen(rq: number, signal: AbortSignal | undefined, outcome: Promise<Outcome>): void {
    if (signal === undefined) return;
    const onAbort = () => this.cancel(rq);
    if (signal.aborted) return void onAbort();
    signal.addEventListener("abort", onAbort);
    void outcome.then(() => signal.removeEventListener("abort", onAbort));
  }

  private remove(request: Pending): void {
    if (request.timer !== null) clearTimeout(request.timer);
    this.pending.delete(request.rq);
    this.byFrame.delete(formatMessageId(request.id));
  }
}
