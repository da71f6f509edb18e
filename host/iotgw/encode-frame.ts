/** Frames into bytes (iotgw §3; the picture is in frame.ts). */
import { crc32 } from "../platform/engine.ts";
import { Reqtype } from "./commands.ts";
import {
  FIXED_BYTES,
  type Frame,
  frameSize,
  headSize,
  LANES,
  PARTS_AT,
  Part,
  partOffset,
  partsOf,
  SIGN_0,
  SIGN_1,
} from "./frame.ts";
import { checkWhole, writeSeq, writeU16, writeU32, writeU64 } from "./integers.ts";

const U8 = 0xff;
const U16 = 0xffff;
const U32 = 0xffff_ffff;

/** A frame in bytes of its own (newFrame). A field out of its range is a RangeError. */
export function encodeFrame(frame: Frame, body: Uint8Array): Uint8Array {
  const bytes = newFrame(frameSize(frame, body.length));
  encodeInto(bytes, 0, frame, body, 0, body.length);
  return bytes;
}

/**
 * Room for a frame, to be written whole. Up to 4 KiB it lies in Node's pool: a tenth of the time of an array of its own.
 * Whoever gives it to another thread copies it first, or the whole pool goes along.
 */
export function newFrame(size: number): Uint8Array {
  return Buffer.allocUnsafe(size);
}

/** Writes a frame with body[from…to) to bytes[at…], which has room for it (frameSize), and says where it ends. */
export function encodeInto(
  bytes: Uint8Array,
  at: number,
  frame: Frame,
  body: Uint8Array,
  from: number,
  to: number,
): number {
  const end = at + frameSize(frame, to - from);
  if (end > bytes.length)
    throw new RangeError(`encoding a frame: ${end - at} bytes; there is room for ${bytes.length - at}`);
  // First the body: it may stand in the same bytes, where the header is to be.
  bytes.set(from === 0 && to === body.length ? body : body.subarray(from, to), end - (to - from));
  encodeHead(bytes, at, frame, to - from);
  sealFrame(bytes, at, end);
  return end;
}

/**
 * Writes the header of a frame whose body the caller writes behind it, and says where that begins. A frame with a CRC
 * then needs sealFrame.
 */
export function encodeHead(bytes: Uint8Array, at: number, frame: Frame, bodySize: number): number {
  const flags = partsOf(frame);
  const headlen = headSize(flags);
  const { reqtype, error } = frame;
  if (reqtype > Reqtype.ASYNC) throw new RangeError(`encoding a frame: reqtype ${reqtype}; allowed 0, 1, 2`);
  if (error !== 0 && reqtype !== Reqtype.REPLY)
    throw new RangeError(`encoding a frame: error ${error}; allowed in replies`);
  bytes[at] = SIGN_0;
  bytes[at + 1] = SIGN_1;
  bytes[at + 2] = flags;
  bytes[at + 3] = headlen;
  if (flags !== 0) encodeParts(bytes, at + PARTS_AT, frame);
  const fixed = at + headlen - FIXED_BYTES;
  bytes[fixed] = checkWhole("reqtype", reqtype, U8);
  bytes[fixed + 1] = checkWhole("cmd", frame.cmd, U8);
  bytes[fixed + 2] = checkWhole("cmdVersion", frame.cmdVersion, U8);
  bytes[fixed + 3] = checkWhole("error", error, U8);
  writeU32(bytes, fixed + 4, checkWhole("size of the body", bodySize, U32));
  writeU32(bytes, fixed + 8, checkWhole("rqid", frame.rqid, U32));
  return at + headlen;
}

/** Writes the checksum of the frame in bytes[at…end), where it has one: last, when nothing of it changes any more. */
export function sealFrame(bytes: Uint8Array, at: number, end: number): void {
  const flags = bytes[at + 2];
  if ((flags & Part.CRC) === 0) return;
  const place = at + partOffset(flags, Part.CRC);
  writeU32(bytes, place, crc32(bytes, place + 4, end, crc32(bytes, at, place)));
}

function encodeParts(bytes: Uint8Array, at: number, { msgId, route, qos, ref, frag, crc }: Frame): void {
  let to = at;
  if (msgId !== undefined) {
    writeU64(bytes, to, msgId.origin);
    writeSeq(bytes, to + 8, msgId.seq);
    to += 16;
  }
  if (route !== undefined) {
    writeU64(bytes, to, route.src);
    writeU64(bytes, to + 8, route.dst);
    bytes[to + 16] = checkWhole("hopsLeft", route.hopsLeft, U8);
    bytes[to + 17] = checkWhole("hopsDone", route.hopsDone, U8);
    writeU16(bytes, to + 18, checkWhole("flags of the route", route.flags, U16));
    to += 20;
  }
  if (qos !== undefined) {
    bytes[to] = checkWhole("lane", qos.lane, LANES - 1);
    bytes[to + 1] = checkWhole("delivery", qos.delivery, 1);
    writeU16(bytes, to + 2, 0);
    writeU32(bytes, to + 4, checkWhole("ttlMs", qos.ttlMs, U32));
    to += 8;
  }
  if (ref !== undefined) {
    writeU64(bytes, to, ref.origin);
    writeSeq(bytes, to + 8, ref.seq);
    writeU64(bytes, to + 16, ref.epoch);
    to += 24;
  }
  if (frag !== undefined) {
    writeU32(bytes, to, checkWhole("offset", frag.offset, U32));
    writeU32(bytes, to + 4, checkWhole("total", frag.total, U32));
    to += 8;
  }
  if (crc) writeU32(bytes, to, 0);
}
