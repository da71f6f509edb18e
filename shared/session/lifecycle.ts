/** A session's connections: how one begins, opens, fails and ends, and how the session itself ends (session §1–§3.2). */
import { encodeVarint } from "../varint.ts";
import { Code } from "./codes.ts";
import { Handshake, HandshakeCode } from "./handshake.ts";
import { pump, restartSending } from "./pump.ts";
import type { SendBuffer } from "./send-buffer.ts";
import { rewind } from "./send-buffer.ts";
import type { Session } from "./state.ts";
import { Limit, Phase } from "./state.ts";
import { SystemCount, sendSyncs, syncDueAt, writeSync } from "./sync.ts";

/** Client: a new connection stands. Sends the request and the state in one go (§1, §2, D13). */
export function connectSession(s: Session, now: number): void {
  "cold";
  beginConnection(s, Phase.HANDSHAKE, now);
  const out = s.scratch;
  out[0] = Handshake.PROTOCOL_VERSION;
  let at = writeId(s.resumeId === null ? s.id : s.resumeId(s), out, 1);
  at = encodeVarint(out, at, s.acknowledged);
  s.handler.onOutput(out, 0, at);
}

/** Server: a connection asked for this session, new or existing. Sends the answer and the state (§1, §2). */
export function attachSession(s: Session, isNew: boolean, now: number): void {
  beginConnection(s, Phase.STATE, now);
  const out = s.scratch;
  out[0] = HandshakeCode.OK;
  let at = isNew ? writeId(s.id, out, 1) : 1;
  at = encodeVarint(out, at, s.acknowledged);
  at = encodeVarint(out, at, s.syncIntervalMin);
  at = encodeVarint(out, at, s.syncIntervalMax);
  out[at] = s.sessionExpire;
  s.handler.onOutput(out, 0, at + 1);
}

/** The connection is gone. The session waits for another, at most sessionExpire s on the server (§2, D12). */
export function detachSession(s: Session, now: number): void {
  "cold";
  if (s.phase === Phase.ENDED || s.phase === Phase.DETACHED) return;
  const wasClosing = s.phase === Phase.CLOSING;
  s.phase = Phase.DETACHED;
  s.since = now;
  if (wasClosing) endSession(s, Code.CLOSED, now);
  else if (s.sessionExpire === 0) endSession(s, Code.EXPIRED, now);
}

/** The hellos are exchanged: `main` holds the numbered packets from now on (session part 4). */
export function bindSendBuffer(s: Session, main: SendBuffer): void {
  "cold";
  rewind(main);
  s.main = main;
  pump(s);
}

/** Announces the end and waits for the answer, at most syncIntervalMax (§3.2, D16). */
export function closeSession(s: Session, now: number): void {
  "cold";
  if (s.phase !== Phase.OPEN) return endSession(s, Code.CLOSED, now);
  writeSync(s, SystemCount.CLOSE, now);
  s.phase = Phase.CLOSING;
  s.since = now;
}

/** Does what is due at `now`: sync packets and heartbeats, and the ends that time brings. */
export function tickSession(s: Session, now: number): void {
  if (s.phase === Phase.OPEN) {
    if (now >= s.heardAt + s.syncIntervalMax * 2) disconnect(s, Code.DEAD, now);
    else sendSyncs(s, now);
  } else if (now >= sessionDeadline(s)) {
    if (s.phase === Phase.CLOSING) endSession(s, Code.CLOSED, now);
    else if (s.phase === Phase.DETACHED) endSession(s, Code.EXPIRED, now);
    else disconnect(s, Code.HANDSHAKE_TIMEOUT, now);
  }
}

/** ms at which tickSession has something to do; Infinity when nothing is waited for. */
export function sessionDeadline(s: Session): number {
  if (s.phase === Phase.OPEN) {
    const deadAt = s.heardAt + s.syncIntervalMax * 2;
    const syncAt = syncDueAt(s);
    return syncAt < deadAt ? syncAt : deadAt;
  }
  if (s.phase === Phase.CLOSING) return s.since + s.syncIntervalMax;
  // Only the server's session expires: a client may always ask, and is told (§1.3).
  if (s.phase === Phase.DETACHED) return s.isClient ? Infinity : s.since + s.sessionExpire * 1000;
  return s.phase === Phase.ENDED ? Infinity : s.since + s.handshakeTimeout;
}

/** The state came whole: packets flow from its startPacketIndex on (§2, §4). */
export function openConnection(s: Session, now: number): void {
  "cold";
  const head = s.head;
  if (s.isClient) {
    s.syncIntervalMin = head.min;
    s.syncIntervalMax = head.max;
    s.sessionExpire = head.expire;
  }
  s.phase = Phase.OPEN;
  if (head.start > s.received) return failConnection(s, Code.PACKET_GAP, now);
  s.readIndex = head.start;
  s.recvStart = head.start;
  s.heardAt = now;
  s.syncedAt = now;
  s.opened++;
  s.handler.onOpen(s.opened > 1);
  pump(s);
}

/** What the other side did cannot be repaired on this connection; a gap, or the third such fault, ends the session (D3). */
export function failConnection(s: Session, code: number, now: number): void {
  "cold";
  s.errors++;
  if (code !== Code.PACKET_GAP && s.errors < Limit.ERRORS) return disconnect(s, code, now);
  if (s.phase === Phase.OPEN) writeSync(s, SystemCount.CLOSE, now); // the other side is to discard it as well
  endSession(s, code, now);
}

/** The session is over, for good; `code` says why. */
export function endSession(s: Session, code: number, now: number): void {
  "cold";
  if (s.phase === Phase.ENDED) return;
  const wasConnected = s.phase !== Phase.DETACHED;
  s.phase = Phase.ENDED;
  s.since = now;
  s.main = null;
  if (wasConnected) s.handler.onDisconnect(code);
  s.handler.onClosed(code);
}

function disconnect(s: Session, code: number, now: number): void {
  "cold";
  detachSession(s, now);
  s.handler.onDisconnect(code);
}

function beginConnection(s: Session, phase: number, now: number): void {
  "cold";
  s.phase = phase;
  s.since = now;
  s.head.have = 0;
  s.have = 0;
  s.from = 0;
  s.counted = 0;
  s.unsynced = 0;
  restartSending(s);
}

function writeId(id: Uint8Array, out: Uint8Array, at: number): number {
  "cold";
  out[at] = id.length;
  out.set(id, at + 1);
  return at + 1 + id.length;
}
