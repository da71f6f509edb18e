/**
 * Bytes of a connection into packets (session §1–§4), cut anywhere. A packet that lies whole in a chunk is handed on
 * where it lies; one cut between chunks is put together in `partial`.
 *
 *   wire:  packetSize:#  packetData:~        packetSize > 0
 *          00            receiveCount:1      1…200 sync, 0 heartbeat, 255 close
 */
import { decodeVarint, Varint, varintLength } from "../varint.ts";
import { Code } from "./codes.ts";
import { HeadStatus, readClientState, readReply, readServerState } from "./handshake.ts";
import { endSession, failConnection, openConnection } from "./lifecycle.ts";
import { acknowledge, inFlight, pump } from "./pump.ts";
import type { Session } from "./state.ts";
import { Limit, Phase } from "./state.ts";
import { SystemCount, sendSyncs, writeSync } from "./sync.ts";

/** Room for a cut packet at least, and the largest chunk that is kept whole around its beginning. */
const PARTIAL_SIZE = 256;

/** bytes[start…end) came in on the session's connection at `now` (ms, monotonic). */
export function receiveBytes(s: Session, bytes: Uint8Array, start: number, end: number, now: number): void {
  if (s.receiving) {
    // The last call was broken off, as running out of memory does on a board: what it had left to read is lost.
    s.receiving = false;
    if (s.phase >= Phase.HANDSHAKE) return failConnection(s, Code.DEAD, now);
  }
  let at = start;
  s.receiving = true;
  while (at < end && (s.phase === Phase.STATE || s.phase === Phase.HANDSHAKE)) readHead(s, bytes[at++], now);
  if (at < end && s.phase >= Phase.OPEN) readChunk(s, bytes, at, end, now);
  s.receiving = false;
  if (s.phase === Phase.OPEN) {
    sendSyncs(s, now);
    pump(s);
  }
}

/** `count` packets, over all connections, may be counted in sync packets: an unbroken prefix of those received. */
export function acceptPackets(s: Session, count: number, now: number): void {
  s.accepted = count;
  if (!s.receiving && s.phase === Phase.OPEN) sendSyncs(s, now);
}

function readHead(s: Session, byte: number, now: number): void {
  "cold";
  const head = s.head;
  head.bytes[head.have++] = byte;
  let status: number;
  if (s.phase === Phase.HANDSHAKE) status = readReply(head, s.id.length === 0);
  else if (s.isClient) status = readServerState(head);
  else status = readClientState(head);
  if (status === HeadStatus.MORE) return;
  head.have = 0;
  if (status === Code.SESSION_UNKNOWN || status === Code.VERSION_UNSUPPORTED) endSession(s, status, now);
  else if (status !== 0) failConnection(s, status, now);
  else if (s.phase === Phase.STATE) openConnection(s, now);
  else {
    if (s.id.length === 0) {
      s.id = new Uint8Array(head.idEnd - head.idStart);
      s.id.set(head.bytes.subarray(head.idStart, head.idEnd));
    }
    s.phase = Phase.STATE;
  }
}

function readChunk(s: Session, bytes: Uint8Array, start: number, end: number, now: number): void {
  let at = s.have > 0 ? continuePartial(s, bytes, start, end, now) : start;
  if (at < end) at = readPackets(s, bytes, at, end, now);
  if (at < end && s.phase >= Phase.OPEN) keepPartial(s, bytes, start, at, end);
}

/** Reads the packets that lie whole in bytes[start…end); returns where the first other begins. */
function readPackets(s: Session, bytes: Uint8Array, start: number, end: number, now: number): number {
  let at = start;
  while (at < end && s.phase >= Phase.OPEN) {
    let size = bytes[at];
    let data = at + 1;
    if (size > 240) {
      data = at + varintLength(size);
      size = decodeVarint(bytes, at, end);
      if (size === Varint.MORE) break;
    }
    if (size === 0) {
      if (data === end) break;
      readSync(s, bytes[data], now);
      at = data + 1;
      continue;
    }
    if (size > s.maxPacket || size < 0) {
      failConnection(s, size < 0 ? Code.VARINT_RANGE : Code.PACKET_TOO_LARGE, now);
      break;
    }
    if (data + size > end) break;
    at = data + size;
    readPacket(s, bytes, data, at);
  }
  return at;
}

function readPacket(s: Session, bytes: Uint8Array, start: number, end: number): void {
  const index = s.readIndex;
  if (s.phase !== Phase.OPEN) return; // closing: it stays unacknowledged and comes again in another session (D16)
  s.unsynced += end - start;
  s.readIndex = index + 1;
  if (index < s.received) {
    s.skipped++; // re-sent: skipped, and counted on this connection (D1)
    return;
  }
  s.received = index + 1;
  s.errors = 0;
  s.handler.onPacket(bytes, start, end, index);
}

function readSync(s: Session, receiveCount: number, now: number): void {
  s.heardAt = now;
  if (receiveCount === 0) return;
  if (receiveCount <= Limit.RECEIVE_COUNT) {
    if (s.phase !== Phase.OPEN) return;
    if (receiveCount > inFlight(s)) failConnection(s, Code.ACK_BEYOND_SENT, now);
    else acknowledge(s, receiveCount);
    return;
  }
  if (receiveCount !== SystemCount.CLOSE) {
    failConnection(s, Code.RECEIVE_COUNT_RESERVED, now);
    return;
  }
  if (s.phase === Phase.OPEN) writeSync(s, SystemCount.CLOSE, now);
  endSession(s, Code.CLOSED, now);
}

/**
 * Puts the rest of a cut packet behind its beginning, and the whole chunk where that has room: appending all of it needs
 * no view. Returns where to read on in `bytes`.
 */
function continuePartial(s: Session, bytes: Uint8Array, start: number, end: number, now: number): number {
  "cold";
  let at = start;
  while (at < end) {
    const take = makeRoom(s, end - at);
    const had = s.have;
    s.engine.copy(s.partial, had, bytes, at, at + take);
    s.have = had + take;
    at += take;
    const next = readPackets(s, s.partial, s.from, s.have, now);
    if (s.phase < Phase.OPEN) return end;
    s.from = next;
    if (next >= had && (at < end || next === s.have)) {
      // The cut packet is whole; what else was copied is read where it came from.
      at -= s.have - next;
      s.from = s.have = 0;
      return at;
    }
  }
  return end;
}

/** Keeps bytes[at…end), the beginning of a packet; of a short chunk all, which needs no view. */
function keepPartial(s: Session, bytes: Uint8Array, start: number, at: number, end: number): void {
  "cold";
  if (s.partial.length < PARTIAL_SIZE) s.partial = new Uint8Array(PARTIAL_SIZE);
  const from = end - start <= PARTIAL_SIZE ? start : at;
  if (end - from > s.partial.length) s.partial = new Uint8Array(end - from);
  s.engine.copy(s.partial, 0, bytes, from, end);
  s.from = at - from;
  s.have = end - from;
}

/**
 * Makes room behind a cut packet for all of `more` bytes, else for the rest of its size or of itself, once its size has
 * been checked (D5). Returns how many of them to append.
 */
function makeRoom(s: Session, more: number): number {
  "cold";
  if (s.have + more <= s.partial.length) return more;
  const had = s.have - s.from;
  if (s.from > 0) s.engine.copy(s.partial, 0, s.partial, s.from, s.have);
  s.from = 0;
  s.have = had;
  if (had + more <= s.partial.length) return more;
  const size = decodeVarint(s.partial, 0, had);
  // Behind a size of 0 stands one byte: a sync packet's count.
  const whole = size < 0 ? had + 1 : varintLength(s.partial[0]) + (size === 0 ? 1 : size);
  if (whole > s.partial.length) {
    const grown = new Uint8Array(whole);
    grown.set(s.partial, 0);
    s.partial = grown;
  }
  return whole - had < more ? whole - had : more;
}
