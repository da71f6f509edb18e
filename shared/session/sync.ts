/**
 * Sync packets: what this side has received, in counts of at most 200, and the heartbeat (session §3).
 *
 *   wire:  packetSize:#  receiveCount:1
 *          00            01…c8  packets received since the last sync packet
 *                        00     heartbeat (§3.1)
 *                        ff     close (§3.2)
 */
import type { Session } from "./state.ts";
import { Limit } from "./state.ts";

/** The receiveCount that closes a session (session §3.2). */
export const enum SystemCount {
  CLOSE = 255,
}

/**
 * Packets to be counted: accepted, read on this connection, not yet counted on it (D1). Never a running counter, so
 * that a packet which becomes durable while its repeat is skipped is not counted twice.
 */
function owed(s: Session): number {
  const count = (s.accepted < s.readIndex ? s.accepted : s.readIndex) - s.recvStart - s.counted;
  return count > 0 ? count : 0;
}

/** ms at which the next sync packet is due: syncIntervalMin after the last with something to count, else syncIntervalMax. */
export function syncDueAt(s: Session): number {
  return s.syncedAt + (owed(s) > 0 ? s.syncIntervalMin : s.syncIntervalMax);
}

/** Sends the sync packets that are due or cannot wait. */
export function sendSyncs(s: Session, now: number): void {
  let count = owed(s);
  while (count >= Limit.RECEIVE_COUNT) {
    writeSync(s, Limit.RECEIVE_COUNT, now);
    count -= Limit.RECEIVE_COUNT;
  }
  const cannotWait =
    count > 0 && (s.counted < Limit.EAGER_PACKETS || count >= s.syncCount || s.unsynced >= s.syncBytes);
  if (cannotWait || now >= s.syncedAt + (count > 0 ? s.syncIntervalMin : s.syncIntervalMax))
    writeSync(s, count, now);
}

/** One sync packet with `receiveCount`, which counts packets unless it is the close. */
export function writeSync(s: Session, receiveCount: number, now: number): void {
  const out = s.scratch;
  out[0] = 0;
  out[1] = receiveCount;
  if (receiveCount <= Limit.RECEIVE_COUNT) s.counted += receiveCount;
  s.syncedAt = now;
  s.unsynced = 0;
  s.handler.onOutput(out, 0, 2);
}
