/** What may be sent now: first the reserved slot, then the send buffer, as far as the windows allow (D2, D6). */
import type { SendBuffer } from "./send-buffer.ts";
import { dropPackets, packetEnd, rewind } from "./send-buffer.ts";
import type { Session } from "./state.ts";
import { Limit, Phase } from "./state.ts";

/** Sends what may go. Cheap when there is nothing; call it after appending to the bound send buffer. */
export function pump(s: Session): void {
  if (s.phase !== Phase.OPEN || s.blocked) return;
  const slot = s.slot;
  if (slot.sent < slot.count) sendRun(s, slot, s.cwnd, s.window);
  const main = s.main;
  if (main !== null && main.sent < main.count && slot.sent === slot.count)
    sendRun(s, main, s.cwnd - slot.sent, s.window - (slot.tail - slot.head));
}

/** Packets sent on this connection and not acknowledged. */
export function inFlight(s: Session): number {
  return s.slot.sent + (s.main === null ? 0 : s.main.sent);
}

/**
 * A new connection: all that is held goes again, slowly at first (D2). It starts with no more than the last connection
 * got acknowledged, so that one which lives for a single packet and a single sync packet still makes progress.
 */
export function restartSending(s: Session): void {
  "cold";
  rewind(s.slot);
  if (s.main !== null) rewind(s.main);
  s.cwnd = s.ackedHere < 1 ? 1 : s.ackedHere < Limit.SLOW_START ? s.ackedHere : Limit.SLOW_START;
  s.ackedHere = 0;
  s.blocked = false;
}

/** The other side counted `count` packets, at most inFlight(s). */
export function acknowledge(s: Session, count: number): void {
  s.acknowledged += count;
  s.cwnd += count;
  if (s.cwnd > s.maxInFlight) s.cwnd = s.maxInFlight;
  s.ackedHere += count;
  s.errors = 0;
  const fromSlot = count < s.slot.sent ? count : s.slot.sent;
  if (fromSlot > 0) dropPackets(s.slot, fromSlot);
  if (count > fromSlot && s.main !== null) dropPackets(s.main, count - fromSlot);
  s.handler.onAcknowledged(count - fromSlot);
}

/** One output call for as many of b's packets as the windows allow: `packets` and bytes on their way. */
function sendRun(s: Session, b: SendBuffer, packets: number, window: number): void {
  const from = b.next;
  let at = b.tail;
  let n = b.count - b.sent;
  if (b.count > packets || b.tail - b.head > window) {
    at = from;
    n = 0;
    while (b.sent + n < b.count && b.sent + n < packets) {
      const end = packetEnd(b.bytes, at);
      // A packet above the window was taken before the window was known: it goes alone.
      if (end - b.head > window && inFlight(s) + n > 0) break;
      at = end;
      n++;
    }
  }
  if (n === 0) return;
  b.next = at;
  b.sent += n;
  s.handler.onOutput(b.bytes, from, at);
}
