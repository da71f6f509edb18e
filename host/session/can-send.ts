/**
 * Whether a packet's bytes would leave at once: what is claimed for the wire can no longer be withdrawn, so a writer that
 * wants to keep that choice as long as it can (iotgw X.1 step 8) hands a packet over only now.
 */
import { inFlight } from "../../shared/session/pump.ts";
import { hasRoom } from "../../shared/session/send-buffer.ts";
import { Phase, type Session } from "../../shared/session/state.ts";
import { varintSize } from "../../shared/varint.ts";
import type { Carrier } from "./carrier.ts";

/**
 * Bytes handed to a transport in one turn before it has said whether it takes more: what a socket's buffer in this process
 * holds. Beyond, packets would wait here, already claimed.
 */
const TURN_BYTES = 16_384;

/** `size`: bytes of the packet's data. True: appended to the bound buffer now, pump() puts all of it out. */
export function canSend(s: Session, carrier: Carrier | null, size: number): boolean {
  const { slot, main } = s;
  if (carrier === null || main === null || s.phase !== Phase.OPEN || s.blocked) return false;
  if (carrier.gathered >= TURN_BYTES || slot.sent < slot.count || main.sent < main.count) return false;
  const flying = inFlight(s);
  if (flying >= s.cwnd || !hasRoom(main, size)) return false;
  // One above the window goes alone, as pump() has it.
  const whole = varintSize(size) + size;
  return flying === 0 || slot.tail - slot.head + main.tail - main.head + whole <= s.window;
}
