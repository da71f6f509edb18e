/**
 * Numbered packets of one board on their way to the store: each is taken once, and acknowledged when it is safe there
 * (session D17, part 4).
 *
 *   session ─packet─▶ number ─┬─ had already ─▶ waits for the packet it repeats ─┬─committed─▶ counted, told
 *                             └─ new ─▶ message, watermark ─▶ commit ────────────┘
 */
import type { Reply } from "../../shared/message.ts";
import { Code } from "../../shared/session/codes.ts";
import type { Clock } from "../platform/clock.ts";
import { parsePayload } from "../platform/payload.ts";
import type { ServerSession } from "../session/server-session.ts";
import { delivered } from "../store/group.ts";
import type { DeliveredMessage, Store, Waiter } from "../store/store.ts";
import type { Numbering } from "./numbering.ts";
import type { Requests } from "./requests.ts";

/** Index of the first numbered packet of a session that began with a hello alone. */
export const FIRST_UNPROVED = 1;

/** ms between two notes of when the board was heard. */
const NOTE_MS = 60_000;

/** Whose packets they are. */
export interface Addressee {
  readonly counts: { repeats: number };
  /** So many packets in a row were here already. */
  repeated(times: number): void;
  /** Its last packet is to be known after a restart. */
  noteLast(): void;
  /** It is in the store, and nobody was told yet. */
  deliver(message: DeliveredMessage): void;
}

export class Inbound {
  /** ms since 1970 of the last packet; 0 before. */
  lastAt = 0;
  /** Of that, what is in the store. */
  private notedAt = 0;
  private firstSeq = 1;
  private firstIndex = FIRST_UNPROVED;
  /** Repeats since the last packet that was none. */
  private repeats = 0;

  constructor(
    private readonly device: string,
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly numbering: Numbering,
    private readonly requests: Requests,
    private readonly addressee: Addressee,
    /** The life of the board that speaks now, or spoke last. */
    public epoch: string,
    /** Bytes of its smallest message; 0 before the first. */
    public smallest: number,
  ) {}

  /** A session begins: `firstSeq` is the number of its first numbered packet, `firstIndex` that packet's index. */
  begin(epoch: string, firstSeq: number, firstIndex: number): void {
    this.epoch = epoch;
    this.firstSeq = firstSeq;
    this.firstIndex = firstIndex;
  }

  /** There will be no more of them. */
  tellRepeats(): void {
    const { repeats } = this;
    this.repeats = 0;
    if (repeats > 0) this.addressee.repeated(repeats);
  }

  /** bytes[start…end) came as packet `index` of `session`, the one that began last. */
  take(session: ServerSession, bytes: Uint8Array, start: number, end: number, index: number): void {
    const { store, epoch } = this;
    const seq = this.firstSeq + index - this.firstIndex;
    this.numbering.see(epoch);
    this.lastAt = this.clock.wall();
    if (this.numbering.isRepeat(epoch, seq)) {
      this.addressee.counts.repeats++;
      this.repeats++;
      store.whenCommitted(new Receipt(this, session, index + 1, null));
      return;
    }
    if (this.repeats > 0) this.tellRepeats();
    this.numbering.take(epoch, seq);
    const message = parsePayload(bytes, start, end);
    if (message === null) {
      store.raise(this.device, epoch, seq, new Receipt(this, session, index + 1, null));
      return;
    }
    const size = end - start;
    if (size < this.smallest || this.smallest === 0) this.smallest = size;
    const packet = delivered(0, this.device, epoch, seq, this.lastAt, message);
    const receipt = new Receipt(this, session, index + 1, packet);
    const changes = isReply(message) ? this.requests.changesOf(message) : undefined;
    if (Math.abs(this.lastAt - this.notedAt) >= NOTE_MS) this.note();
    store.append(packet, bytes, start, end, receipt, changes);
  }

  private note(): void {
    this.notedAt = this.lastAt;
    this.addressee.noteLast();
  }

  /** `count` packets of `session` are durable; `message` is the last of them, if it is one. */
  committed(session: ServerSession, count: number, message: DeliveredMessage | null): void {
    session.accept(count);
    if (message !== null) this.addressee.deliver(message);
  }

  /** A packet of `session`, or what it repeats, is not in the store, and neither is any that came later (session D17). */
  notCommitted(session: ServerSession): void {
    this.numbering.rollBack();
    this.requests.unanswer();
    session.end(Code.STORE_FAILED);
  }
}

/** What became of one packet that was handed to the store. */
class Receipt implements Waiter {
  constructor(
    private readonly inbound: Inbound,
    private readonly session: ServerSession,
    /** Packets of the session up to this one. */
    private readonly count: number,
    private readonly message: DeliveredMessage | null,
  ) {}

  onCommitted(): void {
    this.inbound.committed(this.session, this.count, this.message);
  }

  onFailed(): void {
    this.inbound.notCommitted(this.session);
  }
}

export function isReply(message: Record<string, unknown>): message is Reply & Record<string, unknown> {
  return typeof message.re === "number";
}
