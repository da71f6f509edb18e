/**
 * Puts the frames of a peer's queue onto the session it has now (iotgw X.1 step 7). What is known only then is written
 * into a frame right before its first byte leaves: its rqid, and what is left of its life.
 */
import { appendPacket, createSendBuffer, hasRoom } from "../../shared/session/send-buffer.ts";
import { Reqtype } from "../iotgw/commands.ts";
import { decodeFrame, FrameView } from "../iotgw/decode-frame.ts";
import { encodeInto, sealFrame } from "../iotgw/encode-frame.ts";
import { MAX_HEAD_BYTES } from "../iotgw/frame.ts";
import { FrameFault } from "../iotgw/frame-fault.ts";
import { patchRqid, patchTtl } from "../iotgw/patch-frame.ts";
import type { Clock } from "../platform/clock.ts";
import type { Packet } from "../queue/packet.ts";
import type { SessionPort } from "../queue/session-queue.ts";
import type { HostSession } from "../session/host-session.ts";
import type { CreditBook } from "./credit-book.ts";
import type { Rqids } from "./rqids.ts";

/** Bytes of a frame that leave at once: an alarm behind a bulky one waits no longer than that takes (iotgw §9). */
export const FRAGMENT_BYTES = 4096;
/** Bytes that a peer may have unacknowledged. */
const BUFFER_BYTES = 262_144;
/** Given before it: to INTRODUCE and PROVE. */
const INTRODUCTION_RQIDS = 2;
const LAST_RQID = 0xffff_ffff;

export class FrameWriter implements SessionPort {
  private readonly buffer = createSendBuffer(new Uint8Array(2 * BUFFER_BYTES), BUFFER_BYTES);
  private readonly view = new FrameView();
  private readonly fragment = new Uint8Array(FRAGMENT_BYTES + MAX_HEAD_BYTES);
  private rqid = INTRODUCTION_RQIDS;

  constructor(
    private readonly session: HostSession,
    private readonly clock: Clock,
    private readonly rqids: Rqids,
    private readonly credit: CreditBook,
  ) {}

  /** From now on it writes. */
  start(): void {
    this.session.bind(this.buffer);
  }

  canWrite(bytes: number): boolean {
    const size = bytes + MAX_HEAD_BYTES;
    return hasRoom(this.buffer, size) && this.session.canSend(size);
  }

  takesLane(lane: number): boolean {
    return this.credit.takesLane(lane);
  }

  write({ body, deadline, size, lane, tag }: Packet, start: number, end: number): void {
    const { bytes } = body;
    if (tag !== undefined) this.credit.onSent(lane, end - start);
    const view = start === 0 ? this.read(bytes) : null;
    if (view?.msgId !== undefined) {
      patchRqid(bytes, this.rqidFor(view));
      patchTtl(bytes, deadline - this.clock.now());
      sealFrame(bytes, 0, size);
    }
    if (start === 0 && end === size) this.append(bytes, end);
    else this.writeFragment(bytes, start, end);
    this.session.pump();
  }

  /** Of a frame cut into pieces, each is a frame of its own with the same header and a piece of the body. */
  private writeFragment(bytes: Uint8Array, start: number, end: number): void {
    const view = this.read(bytes);
    const from = Math.max(start, view.bodyStart);
    view.frag = { offset: from - view.bodyStart, total: view.end - view.bodyStart };
    this.append(this.fragment, encodeInto(this.fragment, 0, view, bytes, from, end));
    view.frag = undefined;
  }

  private append(bytes: Uint8Array, end: number): void {
    if (appendPacket(this.buffer, bytes, 0, end) < 0) throw new RangeError("a frame above the send buffer");
  }

  private read(bytes: Uint8Array): FrameView {
    const view = decodeFrame(bytes, 0, bytes.length, bytes.length, this.view);
    if (view instanceof FrameFault) throw new TypeError(`a frame of our own: ${view.text}`);
    return view;
  }

  /** Each request and notification has the next; a reply that of its request, if that came in this session (iotgw §2). */
  private rqidFor(view: FrameView): number {
    if (view.reqtype === Reqtype.REPLY) return view.ref === undefined ? 0 : this.rqids.take(view.ref);
    this.rqid = this.rqid === LAST_RQID ? 1 : this.rqid + 1;
    return this.rqid;
  }
}
