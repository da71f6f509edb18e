/**
 * Puts the frames of a peer's queue onto the session it has now (iotgw X.1 step 7). What is known only then is written
 * into a frame right before its first byte leaves: its rqid, and what is left of its life.
 */
import { appendPacket, createSendBuffer, hasRoom, packetEnd } from "../../shared/session/send-buffer.ts";
import { varintLength } from "../../shared/varint.ts";
import { Reqtype } from "../iotgw/commands.ts";
import { decodeFrame, FrameView } from "../iotgw/decode-frame.ts";
import { encodeInto, sealFrame } from "../iotgw/encode-frame.ts";
import { MAX_HEAD_BYTES, Part, ttlOf } from "../iotgw/frame.ts";
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
/** Frames that the peer has, and that are remembered until there are so many. */
const SPENT_FRAMES = 1024;
const LAST_RQID = 0xffff_ffff;

export class FrameWriter implements SessionPort {
  private readonly buffer = createSendBuffer(new Uint8Array(2 * BUFFER_BYTES), BUFFER_BYTES);
  private readonly view = new FrameView();
  private readonly fragment = new Uint8Array(FRAGMENT_BYTES + MAX_HEAD_BYTES);
  /** The packet of each frame in the buffer, from `spent` on. */
  private written: Packet[] = [];
  private spent = 0;

  constructor(
    private readonly session: HostSession,
    private readonly clock: Clock,
    private readonly rqids: Rqids,
    private readonly credit: CreditBook,
    /** The rqid that was given last. */
    private rqid = INTRODUCTION_RQIDS,
  ) {}

  /** From now on it writes. */
  start(): void {
    this.session.bind(this.buffer);
  }

  /** The peer has the `count` oldest frames. */
  acknowledged(count: number): void {
    this.spent += count;
    if (this.spent < SPENT_FRAMES || this.spent * 2 < this.written.length) return;
    this.written = this.written.slice(this.spent);
    this.spent = 0;
  }

  /**
   * The session goes on over a new connection, and what is not acknowledged goes again: with what is left of its life now,
   * so that nothing is begun late that was over, or withdrawn, while there was no connection (iotgw R8.3).
   */
  renew(): void {
    const { bytes, head, tail } = this.buffer;
    for (let at = head, i = this.spent; at < tail; at = packetEnd(bytes, at), i++) {
      const frame = at + varintLength(bytes[at]);
      if ((bytes[frame + 2] & Part.QOS) === 0) continue;
      patchTtl(bytes, this.written[i].deadline - this.clock.now(), frame);
      sealFrame(bytes, frame, packetEnd(bytes, at));
    }
  }

  canWrite(bytes: number): boolean {
    const size = bytes + MAX_HEAD_BYTES;
    return hasRoom(this.buffer, size) && this.session.canSend(size);
  }

  takesLane(lane: number): boolean {
    return this.credit.takesLane(lane);
  }

  write(packet: Packet, start: number, end: number): void {
    const { body, deadline, size, lane, tag } = packet;
    const { bytes } = body;
    this.written.push(packet);
    if (tag !== undefined) this.credit.onSent(lane, end - start);
    const view = start === 0 ? this.read(bytes) : null;
    if (view?.msgId !== undefined) {
      patchRqid(bytes, this.rqidFor(view));
      patchTtl(bytes, deadline - this.clock.now());
      sealFrame(bytes, 0, size);
    }
    if (start === 0 && end === size) this.append(bytes, end);
    else this.writeFragment(bytes, start, end, deadline);
    this.session.pump();
  }

  /** Of a frame cut into pieces, each is a frame of its own with the same header and a piece of the body. */
  private writeFragment(bytes: Uint8Array, start: number, end: number, deadline: number): void {
    const view = this.read(bytes);
    const from = Math.max(start, view.bodyStart);
    if (view.qos !== undefined) view.qos.ttlMs = ttlOf(deadline - this.clock.now());
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
