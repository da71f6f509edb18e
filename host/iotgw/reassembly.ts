/**
 * Bodies that come in pieces, put together: one unfinished body a lane, since a lane keeps its order. It belongs to one
 * session and is dropped with it, for a frame that was cut off there begins anew at its first byte (iotgw §3, R6.2).
 */
import type { FrameView } from "./decode-frame.ts";
import { LANES } from "./frame.ts";
import { badFrame, FrameFault } from "./frame-fault.ts";
import { WireError } from "./wire-error.ts";

interface Unfinished {
  origin: bigint;
  seq: number;
  cmd: number;
  cmdVersion: number;
  reqtype: number;
  /** Room for all of it, and how much is there. */
  body: Uint8Array;
  filled: number;
}

export class Reassembly {
  /** Bytes that unfinished bodies will have. */
  bytes = 0;
  /** Bodies given up because another one began in their lane: the sender withdrew them between two pieces. */
  abandoned = 0;
  private readonly lanes: (Unfinished | undefined)[] = new Array(LANES).fill(undefined);

  /**
   * maxBody: bytes that a body may announce; a longer one is never begun. By lane, so that an alarm in pieces has room
   * beside bulk in pieces: at most LANES times as much in all.
   */
  constructor(private readonly maxBody: number) {}

  /**
   * Takes a frame with FRAG, and copies its body. With the last piece, the whole body: the header of that piece is the
   * header of the whole. A fault leaves what is there as it was.
   */
  add(view: FrameView): Uint8Array | undefined | FrameFault {
    const { frag, msgId, qos } = view;
    if (frag === undefined || msgId === undefined || qos === undefined)
      return badFrame("a piece: without FRAG, MSGID or QOS; all are needed");
    const { offset, total } = frag;
    const size = view.end - view.bodyStart;
    if (size === 0 || offset + size > total)
      return badFrame(`a piece: ${size} bytes from ${offset} on; the whole has ${total}`);
    const fault = offset === 0 ? this.begin(view, qos.lane, total) : this.misfit(view, qos.lane);
    if (fault !== undefined) return fault;
    const one = this.lanes[qos.lane]!;
    one.body.set(view.body, offset);
    one.filled = offset + size;
    return one.filled === total ? this.finish(qos.lane, one) : undefined;
  }

  private begin(view: FrameView, lane: number, total: number): FrameFault | undefined {
    const { origin, seq } = view.msgId!;
    const before = this.lanes[lane];
    if (before !== undefined && before.origin === origin && before.seq === seq)
      return badFrame(`a piece: from 0 on; ${before.filled} bytes of this body are there`);
    if (before !== undefined) this.abandon(lane, before);
    if (total > this.maxBody)
      return new FrameFault(WireError.TOO_BIG, `a body in pieces: ${total} bytes; allowed ${this.maxBody}`);
    const { cmd, cmdVersion, reqtype } = view;
    this.lanes[lane] = { origin, seq, cmd, cmdVersion, reqtype, body: new Uint8Array(total), filled: 0 };
    this.bytes += total;
    return undefined;
  }

  /** Why a piece that is not a first one does not go on where its lane is. */
  private misfit(view: FrameView, lane: number): FrameFault | undefined {
    const one = this.lanes[lane];
    const { origin, seq } = view.msgId!;
    const { offset, total } = view.frag!;
    if (one === undefined || one.origin !== origin || one.seq !== seq)
      return badFrame(`a piece: from ${offset} on; nothing of this body is there`);
    if (offset !== one.filled)
      return badFrame(`a piece: from ${offset} on; ${one.filled} bytes of this body are there`);
    if (total !== one.body.length)
      return badFrame(`a piece: of ${total} bytes in all; the first one said ${one.body.length}`);
    if (one.cmd !== view.cmd || one.cmdVersion !== view.cmdVersion || one.reqtype !== view.reqtype)
      return badFrame("a piece: another command than that of the first");
    return undefined;
  }

  private abandon(lane: number, one: Unfinished): void {
    this.abandoned++;
    this.finish(lane, one);
  }

  private finish(lane: number, one: Unfinished): Uint8Array {
    this.lanes[lane] = undefined;
    this.bytes -= one.body.length;
    return one.body;
  }
}
