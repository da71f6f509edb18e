/**
 * A frame of the iotgw protocol, as an object and as its picture (iotgw §3). Everything is little-endian.
 *
 *   wire:   49 47  headflags:1  headlen:1   parts:~   reqtype:1 cmd:1 cmd_ver:1 error:1 sz:4 rqid:4   body:sz
 *           └──────────────────── headlen ────────────────────────────────────────────────────────┘
 *   parts:  what headflags announces, in the order of its bits
 *     0 MSGID  origin:8  seq:8                                     who made this frame, and its number in the lane
 *     1 ROUTE  src:8  dst:8  hopsLeft:1  hopsDone:1  flags:2
 *     2 QOS    lane:1  delivery:1  00 00  ttlMs:4                  time that is left, ffffffff for ever
 *     3 REF    origin:8  seq:8  epoch:8                            the frame that is answered or withdrawn
 *     4 FRAG   offset:4  total:4                                   this body is a piece of a longer one
 *     5 CRC    crc:4                                               CRC-32 of zlib over the frame without these four bytes
 *     6        critical: who does not know it refuses the frame
 *     7        skippable: the body is found by headlen
 */

export const enum Part {
  MSGID = 1,
  ROUTE = 2,
  QOS = 4,
  REF = 8,
  FRAG = 16,
  CRC = 32,
  CRITICAL = 64,
  SKIPPABLE = 128,
}

/** The parts whose layout is known here. */
const KNOWN_PARTS = 63;

/** Bytes of sign, flags and headlen, in front of the parts. */
export const PARTS_AT = 4;
/** Bytes from reqtype to rqid, which directly precede the body. */
export const FIXED_BYTES = 12;
/** Bytes of a header with every part that is known here. */
export const MAX_HEAD_BYTES = 96;
/** "IG". */
export const SIGN_0 = 0x49;
export const SIGN_1 = 0x47;

/** iotgw §9: 0 control and kill, 1 alarm, 2 normal, 3 bulk. */
export const LANES = 4;
/** ttlMs of a frame that never expires. */
export const TTL_NONE = 0xffff_ffff;

export const enum Delivery {
  /** Each hop stores it, and sends it on when a route appears. */
  CUSTODY = 0,
  /** Ends NO_ROUTE when there is none for a while. */
  DIRECT = 1,
}

export interface MsgId {
  /** Host id of who made the frame; relays leave it. */
  origin: bigint;
  /** The origin's number in the frame's lane. */
  seq: number;
}

export interface Route {
  src: bigint;
  dst: bigint;
  hopsLeft: number;
  hopsDone: number;
  flags: number;
}

/** Of ROUTE's flags. */
export const enum RouteFlag {
  /** Its way was changed: younger frames may have gone where it goes already, so its number stands for it alone. */
  MOVED = 1,
}

export interface Qos {
  lane: number;
  delivery: Delivery;
  /** Of its life, what is left; TTL_NONE: it has no end. */
  ttlMs: number;
}

export interface Ref {
  origin: bigint;
  seq: number;
  /** Of the origin, when it gave the number. */
  epoch: bigint;
}

export interface Frag {
  /** Where this body begins in the whole one. */
  offset: number;
  total: number;
}

/** A frame without its body. */
export interface Frame {
  reqtype: number;
  cmd: number;
  cmdVersion: number;
  /** In replies; 0 else. */
  error: number;
  /** Given when the frame is written; 0 until then, and where there is none. */
  rqid: number;
  msgId?: MsgId;
  route?: Route;
  qos?: Qos;
  ref?: Ref;
  frag?: Frag;
  /** It carries its checksum: where neither TLS nor the serial link has one. */
  crc: boolean;
}

const partSizes = [16, 20, 8, 24, 8, 4];

/** Bytes of a header with the known parts that `flags` has. */
const headSizes = Uint8Array.from({ length: KNOWN_PARTS + 1 }, (_, flags) =>
  partSizes.reduce((sum, size, bit) => sum + ((flags >>> bit) & 1) * size, PARTS_AT + FIXED_BYTES),
);

/** The headflags of a frame. */
export function partsOf(frame: Frame): number {
  return (
    (frame.msgId === undefined ? 0 : Part.MSGID) |
    (frame.route === undefined ? 0 : Part.ROUTE) |
    (frame.qos === undefined ? 0 : Part.QOS) |
    (frame.ref === undefined ? 0 : Part.REF) |
    (frame.frag === undefined ? 0 : Part.FRAG) |
    (frame.crc ? Part.CRC : 0)
  );
}

/** Bytes of a header with these flags, as far as its parts are known here. */
export function headSize(flags: number): number {
  return headSizes[flags & KNOWN_PARTS];
}

/** Where, from the frame's first byte on, a part begins. */
export function partOffset(flags: number, part: Part): number {
  return headSizes[flags & KNOWN_PARTS & (part - 1)] - FIXED_BYTES;
}

/** Bytes of a frame with a body of bodySize. */
export function frameSize(frame: Frame, bodySize: number): number {
  return headSizes[partsOf(frame)] + bodySize;
}

/** Remaining time as it travels: whole ms, 0 when it is over, TTL_NONE for Infinity. */
export function ttlOf(remainingMs: number): number {
  if (remainingMs === Number.POSITIVE_INFINITY) return TTL_NONE;
  return Math.min(Math.max(Math.floor(remainingMs), 0), TTL_NONE - 1);
}
