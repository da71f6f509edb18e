/**
 * The two exchanges that open a connection, as bytes (session §1, §2).
 *
 *   client → server   version:1  sessIDSize:#  sessID:~                       sessIDSize 0 asks for a new session
 *   server → client   handshakeCode:1  [sessIDSize:#  sessID:~]               the id only after code 0 to a new one
 *   client → server   startPacketIndex:#
 *   server → client   startPacketIndex:#  syncIntervalMin:#  syncIntervalMax:#  sessionExpire:1
 *
 * They come once a connection, in a few bytes cut anywhere, so they are gathered in a scratch and read whole.
 */
import { decodeVarint, Varint, varintLength } from "../varint.ts";
import { Code } from "./codes.ts";

export const enum Handshake {
  PROTOCOL_VERSION = 1,
  /** The longest session id taken, in bytes: 16 of ours, or 32 with counter and proof (D7). */
  MAX_SESSION_ID = 32,
  /** Room for the longest of the four messages, its numbers in their longest form: 1 + 9 + 32. */
  HEAD_SIZE = 42,
}

export const enum HandshakeCode {
  OK = 0,
  VERSION_UNSUPPORTED = 1,
  SESSION_UNKNOWN = 2,
}

/** One of the four messages while it is gathered, and its fields once it is whole. */
export interface Head {
  bytes: Uint8Array;
  have: number;
  /** Of an id in `bytes`: where it begins and ends. */
  idStart: number;
  idEnd: number;
  /** startPacketIndex, syncIntervalMin, syncIntervalMax, sessionExpire. */
  start: number;
  min: number;
  max: number;
  expire: number;
}

export function createHead(): Head {
  "cold";
  return {
    bytes: new Uint8Array(Handshake.HEAD_SIZE),
    have: 0,
    idStart: 0,
    idEnd: 0,
    start: 0,
    min: 0,
    max: 0,
    expire: 0,
  };
}

/** What a reader of a head says besides an error code: not all there yet, or whole. */
export const enum HeadStatus {
  MORE = -1,
  WHOLE = 0,
}

/** The client's request. HEAD_MORE, HEAD_WHOLE (id in idStart…idEnd, empty for a new session) or an error code. */
export function readRequest(h: Head): number {
  "cold";
  if (h.have < 1) return HeadStatus.MORE;
  if (h.bytes[0] !== Handshake.PROTOCOL_VERSION) return Code.VERSION_UNSUPPORTED;
  return readId(h, 1, 0);
}

/** The server's answer; `asksNew` tells whether an id must follow code 0. */
export function readReply(h: Head, asksNew: boolean): number {
  "cold";
  if (h.have < 1) return HeadStatus.MORE;
  const code = h.bytes[0];
  if (code === HandshakeCode.OK) return asksNew ? readId(h, 1, 1) : HeadStatus.WHOLE;
  if (code === HandshakeCode.VERSION_UNSUPPORTED) return Code.VERSION_UNSUPPORTED;
  return code === HandshakeCode.SESSION_UNKNOWN ? Code.SESSION_UNKNOWN : Code.HANDSHAKE_CODE;
}

/** The client's state. */
export function readClientState(h: Head): number {
  "cold";
  const start = decodeVarint(h.bytes, 0, h.have);
  h.start = start;
  return headOf(start);
}

/** The server's state; intervals of 0 or in the wrong order are refused, for no heartbeat could keep them. */
export function readServerState(h: Head): number {
  "cold";
  const status = readClientState(h);
  if (status !== HeadStatus.WHOLE) return status;
  let at = varintLength(h.bytes[0]);
  h.min = decodeVarint(h.bytes, at, h.have);
  if (h.min < 0) return headOf(h.min);
  at += varintLength(h.bytes[at]);
  h.max = decodeVarint(h.bytes, at, h.have);
  if (h.max < 0) return headOf(h.max);
  at += varintLength(h.bytes[at]);
  if (at >= h.have) return HeadStatus.MORE;
  h.expire = h.bytes[at];
  return h.max < 1 || h.min > h.max ? Code.STATE_RANGE : HeadStatus.WHOLE;
}

function readId(h: Head, at: number, least: number): number {
  "cold";
  const size = decodeVarint(h.bytes, at, h.have);
  if (size < 0) return headOf(size);
  if (size > Handshake.MAX_SESSION_ID || size < least) return Code.SESSION_ID_SIZE;
  h.idStart = at + varintLength(h.bytes[at]);
  h.idEnd = h.idStart + size;
  return h.idEnd > h.have ? HeadStatus.MORE : HeadStatus.WHOLE;
}

function headOf(value: number): number {
  "cold";
  if (value >= 0) return HeadStatus.WHOLE;
  return value === Varint.MORE ? HeadStatus.MORE : Code.VARINT_RANGE;
}
