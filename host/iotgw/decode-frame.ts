/** Bytes into a frame, or into the fault that refuses them (iotgw §3; the picture is in frame.ts). */
import { crc32 } from "../platform/engine.ts";
import { commandName, Reqtype } from "./commands.ts";
import {
  FIXED_BYTES,
  type Frag,
  type Frame,
  headSize,
  LANES,
  type MsgId,
  PARTS_AT,
  Part,
  partOffset,
  type Qos,
  type Ref,
  type Route,
  SIGN_0,
  SIGN_1,
} from "./frame.ts";
import { badFrame, FrameFault } from "./frame-fault.ts";
import { readSeq, readU16, readU32, readU64, SEQ_RANGE } from "./integers.ts";
import { WireError } from "./wire-error.ts";

const MIN_HEAD_BYTES = PARTS_AT + FIXED_BYTES;
const NOTHING = new Uint8Array(0);

/** A frame as it was read: its fields, and where its body stands in the bytes that were given. */
export class FrameView implements Frame {
  reqtype = 0;
  cmd = 0;
  cmdVersion = 0;
  error = 0;
  rqid = 0;
  msgId: MsgId | undefined = undefined;
  route: Route | undefined = undefined;
  qos: Qos | undefined = undefined;
  ref: Ref | undefined = undefined;
  frag: Frag | undefined = undefined;
  crc = false;
  bytes: Uint8Array = NOTHING;
  /** Of the frame. */
  start = 0;
  /** Of its body, which ends with the frame. */
  bodyStart = 0;
  end = 0;
  /** Its parts, kept to be filled again by whoever reads into this view. */
  readonly kept: Kept = {};

  get body(): Uint8Array {
    return this.bytes.subarray(this.bodyStart, this.end);
  }
}

interface Kept {
  msgId?: MsgId;
  route?: Route;
  qos?: Qos;
  ref?: Ref;
  frag?: Frag;
}

/**
 * Reads bytes[start…end), which is to be exactly one frame of at most maxFrame bytes, header included. Nothing is copied:
 * the view holds `bytes`. With `view`, that one is filled, and nothing allocated; what it held before is gone, also when
 * the answer is a fault.
 */
export function decodeFrame(
  bytes: Uint8Array,
  start: number,
  end: number,
  maxFrame: number,
  view: FrameView = new FrameView(),
): FrameView | FrameFault {
  const size = end - start;
  if (size < 2 || bytes[start] !== SIGN_0 || bytes[start + 1] !== SIGN_1) return noSign(bytes, start, size);
  if (size < MIN_HEAD_BYTES) return badFrame(`frame: ${size} bytes; allowed ${MIN_HEAD_BYTES} and more`);
  const flags = bytes[start + 2];
  const headlen = bytes[start + 3];
  if ((flags & Part.CRITICAL) !== 0)
    return badFrame(`headflags: ${hex(flags)} with a critical part; no such part is known`);
  const known = headSize(flags);
  if ((flags & Part.SKIPPABLE) !== 0 ? headlen < known : headlen !== known)
    return badFrame(`headlen: ${headlen}; headflags ${hex(flags)} allow ${known}`);
  if (headlen > size) return badFrame(`headlen: ${headlen} in a frame of ${size} bytes`);
  const fixed = start + headlen - FIXED_BYTES;
  const bodySize = readU32(bytes, fixed + 4);
  if (headlen + bodySize > maxFrame)
    return new FrameFault(WireError.TOO_BIG, `frame: ${headlen + bodySize} bytes; allowed ${maxFrame}`);
  if (headlen + bodySize !== size)
    return badFrame(`sz: ${bodySize} behind a header of ${headlen}; the packet has ${size} bytes`);
  if ((flags & Part.CRC) !== 0 && !isCrcRight(bytes, start, end)) return badFrame("CRC: it is wrong");
  const reqtype = bytes[fixed];
  const cmd = bytes[fixed + 1];
  const error = bytes[fixed + 3];
  if (reqtype > Reqtype.ASYNC)
    return badFrame(`reqtype of ${commandName(cmd)}: ${reqtype}; allowed 0, 1 (reply) and 2 (async)`);
  if (error !== 0 && reqtype !== Reqtype.REPLY)
    return badFrame(`error of ${commandName(cmd)}: ${error}; allowed in replies`);
  view.reqtype = reqtype;
  view.cmd = cmd;
  view.cmdVersion = bytes[fixed + 2];
  view.error = error;
  view.rqid = readU32(bytes, fixed + 8);
  view.crc = (flags & Part.CRC) !== 0;
  view.bytes = bytes;
  view.start = start;
  view.bodyStart = start + headlen;
  view.end = end;
  return readParts(view, flags) ?? view;
}

/** Fills the parts of the view, or says what is wrong with one of them. */
function readParts(view: FrameView, flags: number): FrameFault | undefined {
  const { bytes, kept, start } = view;
  view.msgId =
    (flags & Part.MSGID) === 0 ? undefined : readMsgId(bytes, start + partOffset(flags, Part.MSGID), kept);
  view.route =
    (flags & Part.ROUTE) === 0 ? undefined : readRoute(bytes, start + partOffset(flags, Part.ROUTE), kept);
  view.qos = (flags & Part.QOS) === 0 ? undefined : readQos(bytes, start + partOffset(flags, Part.QOS), kept);
  view.ref = (flags & Part.REF) === 0 ? undefined : readRef(bytes, start + partOffset(flags, Part.REF), kept);
  view.frag =
    (flags & Part.FRAG) === 0 ? undefined : readFrag(bytes, start + partOffset(flags, Part.FRAG), kept);
  if (view.msgId?.seq === SEQ_RANGE) return badFrame("seq of MSGID: above 2^53 − 1");
  if (view.ref?.seq === SEQ_RANGE) return badFrame("seq of REF: above 2^53 − 1");
  if (view.qos !== undefined && view.qos.lane >= LANES)
    return badFrame(`lane: ${view.qos.lane}; allowed 0…${LANES - 1}`);
  if (view.qos !== undefined && view.qos.delivery > 1)
    return badFrame(`delivery: ${view.qos.delivery}; allowed 0, 1`);
  return undefined;
}

function readMsgId(bytes: Uint8Array, at: number, kept: Kept): MsgId {
  kept.msgId ??= { origin: 0n, seq: 0 };
  kept.msgId.origin = readU64(bytes, at);
  kept.msgId.seq = readSeq(bytes, at + 8);
  return kept.msgId;
}

function readRoute(bytes: Uint8Array, at: number, kept: Kept): Route {
  kept.route ??= { src: 0n, dst: 0n, hopsLeft: 0, hopsDone: 0, flags: 0 };
  const { route } = kept;
  route.src = readU64(bytes, at);
  route.dst = readU64(bytes, at + 8);
  route.hopsLeft = bytes[at + 16];
  route.hopsDone = bytes[at + 17];
  route.flags = readU16(bytes, at + 18);
  return route;
}

function readQos(bytes: Uint8Array, at: number, kept: Kept): Qos {
  kept.qos ??= { lane: 0, delivery: 0, ttlMs: 0 };
  kept.qos.lane = bytes[at];
  kept.qos.delivery = bytes[at + 1];
  kept.qos.ttlMs = readU32(bytes, at + 4);
  return kept.qos;
}

function readRef(bytes: Uint8Array, at: number, kept: Kept): Ref {
  kept.ref ??= { origin: 0n, seq: 0, epoch: 0n };
  kept.ref.origin = readU64(bytes, at);
  kept.ref.seq = readSeq(bytes, at + 8);
  kept.ref.epoch = readU64(bytes, at + 16);
  return kept.ref;
}

function readFrag(bytes: Uint8Array, at: number, kept: Kept): Frag {
  kept.frag ??= { offset: 0, total: 0 };
  kept.frag.offset = readU32(bytes, at);
  kept.frag.total = readU32(bytes, at + 4);
  return kept.frag;
}

function isCrcRight(bytes: Uint8Array, start: number, end: number): boolean {
  const place = start + partOffset(bytes[start + 2], Part.CRC);
  return crc32(bytes, place + 4, end, crc32(bytes, start, place)) >>> 0 === readU32(bytes, place);
}

/** iotgw §3: the protocol's first version has no sign, and is refused by that. */
function noSign(bytes: Uint8Array, start: number, size: number): FrameFault {
  const seen = size < 2 ? `${size} bytes` : `begins with ${hex(bytes[start])} ${hex(bytes[start + 1])}`;
  return badFrame(`frame: ${seen}; allowed 49 47 ("IG")`);
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
