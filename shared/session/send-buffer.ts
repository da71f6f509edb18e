/**
 * The send buffer: every packet handed over and not yet acknowledged, as it travels, in one run of bytes (session §3).
 *
 *   bytes   …… | packetSize packetData | packetSize packetData | packetSize packetData | ……
 *              head                    next                                            tail
 *              ^ oldest unacknowledged ^ first not sent on this connection
 *
 * It outlives sessions: what one could not deliver, the next takes over in the same order (session part 4).
 */
import { decodeVarint, encodeVarint, varintLength, varintSize } from "../varint.ts";

/** What appendPacket says of a packet it does not take. */
export const enum Refused {
  /** No room now; wait for an acknowledgement. */
  FULL = -1,
  /** It would not fit into an empty buffer (D6). */
  TOO_BIG = -2,
}

export interface SendBuffer {
  bytes: Uint8Array;
  /**
   * Bytes it may hold. `bytes` may be longer, so that they move to the front seldom: twice as long, one copy per byte; four
   * times, a third of one.
   */
  limit: number;
  head: number;
  next: number;
  tail: number;
  /** Packets held. */
  count: number;
  /** Of these, packets sent on this connection. */
  sent: number;
}

/** A buffer for at most `limit` bytes of packets, each with its size, in `bytes` (at least `limit` long). */
export function createSendBuffer(bytes: Uint8Array, limit: number): SendBuffer {
  "cold";
  return { bytes: bytes, limit: limit, head: 0, next: 0, tail: 0, count: 0, sent: 0 };
}

/** Whether a packet of `size` bytes of data would be taken now. */
export function hasRoom(b: SendBuffer, size: number): boolean {
  return b.tail - b.head + varintSize(size) + size <= b.limit;
}

/** Appends data[start…end) as one packet. Returns how many are held, FULL, or TOO_BIG. */
export function appendPacket(b: SendBuffer, data: Uint8Array, start: number, end: number): number {
  const size = end - start;
  const whole = varintSize(size) + size;
  if (size < 1 || whole > b.limit) return Refused.TOO_BIG;
  if (b.tail - b.head + whole > b.limit) return Refused.FULL;
  if (b.tail + whole > b.bytes.length) moveToFront(b);
  const at = encodeVarint(b.bytes, b.tail, size);
  b.bytes.set(start === 0 && end === data.length ? data : data.subarray(start, end), at);
  b.tail = at + size;
  return ++b.count;
}

/** Drops the `count` oldest packets, which were acknowledged; 0 ≤ count ≤ b.sent. */
export function dropPackets(b: SendBuffer, count: number): void {
  const bytes = b.bytes;
  let head = b.head;
  for (let i = 0; i < count; i++) head = packetEnd(bytes, head);
  b.head = head;
  b.count -= count;
  b.sent -= count;
  if (b.count === 0) clearPackets(b);
}

/** Gives up all it holds. */
export function clearPackets(b: SendBuffer): void {
  "cold";
  b.head = b.next = b.tail = b.count = b.sent = 0;
}

/** A new connection: everything held is to be sent again, from the oldest. */
export function rewind(b: SendBuffer): void {
  "cold";
  b.next = b.head;
  b.sent = 0;
}

/** Where the packet at `at` ends. */
export function packetEnd(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first <= 240) return at + 1 + first;
  const n = varintLength(first);
  return at + n + decodeVarint(bytes, at, at + n);
}

function moveToFront(b: SendBuffer): void {
  b.bytes.set(b.bytes.subarray(b.head, b.tail), 0);
  b.next -= b.head;
  b.tail -= b.head;
  b.head = 0;
}
