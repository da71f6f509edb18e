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

/** bytes[start…end) came in on the session's connection at `now` (ms, monotonic). */
export function receiveBytes(s: Session, bytes: Uint8Array, start: number, end: number, now: number): void {
  let at = start;
  s.receiving = true;
  while (at < end && (s.phase === Phase.STATE || s.phase === Phase.HANDSHAKE)) readHead(s, bytes[at++], now);
  if (at < end && s.phase >= Phase.OPEN) readPackets(s, bytes, at, end, now);
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

function readPackets(s: Session, bytes: Uint8Array, start: number, end: number, now: number): void {
  let at = s.have > 0 ? continuePartial(s, bytes, start, end, now) : start;
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
    if (size > s.maxPacket || size < 0) return refuseSize(s, size, now);
    if (data + size > end) break;
    at = data + size;
    readPacket(s, bytes, data, at);
  }
  if (at < end && s.phase >= Phase.OPEN) keepPartial(s, bytes, at, end);
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

function refuseSize(s: Session, size: number, now: number): void {
  failConnection(s, size < 0 ? Code.VARINT_RANGE : Code.PACKET_TOO_LARGE, now);
}

/** Keeps the beginning of a packet; its size, if known, is within maxPacket. */
function keepPartial(s: Session, bytes: Uint8Array, start: number, end: number): void {
  const size = decodeVarint(bytes, start, end);
  s.need = size === Varint.MORE ? 0 : varintLength(bytes[start]) + (size === 0 ? 1 : size);
  growPartial(s);
  s.engine.copy(s.partial, 0, bytes, start, end);
  s.have = end - start;
}

/** Completes the packet in `partial` from bytes[start…end); returns where the next one begins. */
function continuePartial(s: Session, bytes: Uint8Array, start: number, end: number, now: number): number {
  let at = start;
  while (s.need === 0 && at < end) {
    s.partial[s.have++] = bytes[at++];
    const size = decodeVarint(s.partial, 0, s.have);
    if (size === Varint.MORE) continue;
    if (size > s.maxPacket || size < 0) {
      refuseSize(s, size, now);
      return end;
    }
    s.need = s.have + (size === 0 ? 1 : size);
    growPartial(s);
  }
  const take = s.need - s.have < end - at ? s.need - s.have : end - at;
  if (s.need === 0 || take === 0) return at;
  s.engine.copy(s.partial, s.have, bytes, at, at + take);
  s.have += take;
  if (s.have === s.need) finishPartial(s, now);
  return at + take;
}

function finishPartial(s: Session, now: number): void {
  const data = varintLength(s.partial[0]);
  s.have = 0;
  // One byte behind a size of 0 is a sync packet's count; behind any other size of 1 it is a packet.
  if (s.need === data + 1 && decodeVarint(s.partial, 0, data) === 0) readSync(s, s.partial[data], now);
  else readPacket(s, s.partial, data, s.need);
}

/** Room for the packet at hand, once its size has been checked (D5); what is there already is kept. */
function growPartial(s: Session): void {
  const size = s.need > 9 ? s.need : 9;
  if (s.partial.length >= size) return;
  const grown = new Uint8Array(size < 256 ? 256 : size);
  grown.set(s.partial, 0);
  s.partial = grown;
}
