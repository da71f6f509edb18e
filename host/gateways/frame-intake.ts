/**
 * Frames that come from one peer: each numbered one is taken once, and acknowledged when it is safe here with all that it
 * means (session D17, iotgw §9).
 *
 *   session ─packet─▶ frame ─▶ number ─┬─ had already ─▶ waits for what it repeats ─┬─committed─▶ counted, told
 *                                      └─ new ─▶ effect, watermark ─▶ one commit ───┘
 */
import { Code } from "../../shared/session/codes.ts";
import { decodeFrame, FrameView } from "../iotgw/decode-frame.ts";
import { encodeFrame } from "../iotgw/encode-frame.ts";
import type { Frame } from "../iotgw/frame.ts";
import { LANES, RouteFlag } from "../iotgw/frame.ts";
import { FrameFault } from "../iotgw/frame-fault.ts";
import { EPOCH_BYTES, originEpoch } from "../iotgw/origin-epoch.ts";
import { Reassembly } from "../iotgw/reassembly.ts";
import type { HostSession } from "../session/host-session.ts";
import type { DeliveredMessage, RecordChange, Store, Waiter } from "../store/store.ts";
import { Marks } from "./marks.ts";
import type { MessageId } from "./message-id.ts";

/** What a numbered frame means, to be committed with its number. */
export interface Effect {
  changes?: RecordChange[];
  /** A message of a board behind another gateway. */
  message?: DeliveredMessage;
  onCommitted?(): void;
  /** It is not in the store: the peer will send it again. */
  onFailed?(): void;
}

/** A numbered frame, lent for the call. */
export interface Arrived {
  frame: Frame;
  id: MessageId;
  /** The whole frame, of which bytes[contentStart…contentEnd) is the content behind the epoch. */
  bytes: Uint8Array;
  start: number;
  contentStart: number;
  end: number;
}

export interface IntakeOwner {
  readonly hostId: bigint;
  /** A numbered frame that is new. */
  receive(arrived: Arrived): Effect;
  /** One that was had before. */
  onRepeat(arrived: Arrived): void;
  /** A frame without a number. */
  hear(view: FrameView): void;
  /** A frame with a number, or a piece of one, has come, new or not. */
  onNumbered(lane: number, bytes: number): void;
  /** Something that nobody can read; it is counted as received, for it would only come again. */
  onFault(fault: FrameFault): void;
}

export class FrameIntake {
  repeats = 0;
  readonly marks: Marks;
  private readonly view = new FrameView();
  private reassembly: Reassembly;
  /** The session of which the store has refused a frame: what comes behind that one is not acknowledged either. */
  private refused: HostSession | null = null;

  constructor(
    private readonly store: Store,
    private readonly owner: IntakeOwner,
    private readonly maxFrame: number,
  ) {
    this.marks = new Marks(store, owner.hostId);
    this.reassembly = new Reassembly(maxFrame);
  }

  /** A new session: pieces of the one before are gone with it (iotgw §3 FRAG). */
  begin(): void {
    this.reassembly = new Reassembly(this.maxFrame);
    this.refused = null;
  }

  take(session: HostSession, bytes: Uint8Array, start: number, end: number, index: number): void {
    const { owner } = this;
    const view = decodeFrame(bytes, start, end, this.maxFrame, this.view);
    if (view instanceof FrameFault) return this.refuse(session, index, view);
    if (view.msgId === undefined) {
      owner.hear(view);
      return this.countWhenCommitted(session, index);
    }
    // The sender counts what it cuts, without the head that each piece has in addition.
    owner.onNumbered(
      view.qos?.lane ?? 0,
      view.frag === undefined || view.frag.offset === 0 ? end - start : view.end - view.bodyStart,
    );
    const whole = view.frag === undefined ? view : this.assemble(view);
    if (whole instanceof FrameFault) return this.refuse(session, index, whole);
    if (whole === null) return this.countWhenCommitted(session, index);
    const epoch = originEpoch(whole);
    if (epoch instanceof FrameFault) return this.refuse(session, index, epoch);
    this.takeNumbered(session, whole, epoch, index);
  }

  committed(session: HostSession, count: number, effect: Effect): void {
    session.accept(count);
    effect.onCommitted?.();
  }

  notCommitted(session: HostSession, effect: Effect): void {
    this.marks.rollBack();
    effect.onFailed?.();
    session.end(Code.STORE_FAILED);
  }

  /** It changes nothing here: it is counted as received once all before it is safe. */
  private countWhenCommitted(session: HostSession, index: number): void {
    if (this.refused !== session) this.store.whenCommitted(new Receipt(this, session, index + 1, nothing));
  }

  private takeNumbered(session: HostSession, view: FrameView, epoch: bigint, index: number): void {
    const { store, marks } = this;
    const { origin, seq } = view.msgId!;
    const id: MessageId = { origin, epoch, lane: Math.min(view.qos!.lane, LANES - 1), seq };
    const mark = marks.markOf(id, ((view.route?.flags ?? 0) & RouteFlag.MOVED) !== 0);
    const { bytes, start, end } = view;
    const contentStart = view.bodyStart + EPOCH_BYTES;
    const arrived: Arrived = { frame: view, id, bytes, start, contentStart, end };
    if (marks.isRepeat(mark)) {
      this.repeats++;
      this.owner.onRepeat(arrived);
      return this.countWhenCommitted(session, index);
    }
    marks.take(mark);
    if (store.fault !== null) this.refused = session;
    const effect = this.owner.receive(arrived);
    const receipt = new Receipt(this, session, index + 1, effect);
    const { message, changes } = effect;
    if (message === undefined) store.raise(mark.device, mark.epoch, seq, receipt, changes);
    else {
      const payload = Buffer.from(JSON.stringify(message.message));
      store.append(message, payload, 0, payload.length, receipt, changes, mark);
    }
  }

  /** The whole frame, with its last piece; null before. */
  private assemble(view: FrameView): FrameView | FrameFault | null {
    const body = this.reassembly.add(view);
    if (body === undefined || body instanceof FrameFault) return body ?? null;
    view.frag = undefined;
    const bytes = encodeFrame(view, body);
    return decodeFrame(bytes, 0, bytes.length, this.maxFrame);
  }

  private refuse(session: HostSession, index: number, fault: FrameFault): void {
    this.owner.onFault(fault);
    this.countWhenCommitted(session, index);
  }
}

const nothing: Effect = {};

/** What became of one frame that was handed to the store. */
class Receipt implements Waiter {
  constructor(
    private readonly intake: FrameIntake,
    private readonly session: HostSession,
    /** Packets of the session up to this one. */
    private readonly count: number,
    private readonly effect: Effect,
  ) {}

  onCommitted(): void {
    this.intake.committed(this.session, this.count, this.effect);
  }

  onFailed(): void {
    this.intake.notCommitted(this.session, this.effect);
  }
}
