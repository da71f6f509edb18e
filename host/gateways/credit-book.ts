/**
 * How much a peer may still send, by lane, in one session: both what this gateway gives and what it was given. Until a
 * side says CREDIT, the session's window is all there is (iotgw §9 backpressure).
 */

import { Command, Reqtype } from "../iotgw/commands.ts";
import { encodeCredit, type LaneCredit } from "../iotgw/credit.ts";
import { encodeFrame } from "../iotgw/encode-frame.ts";
import { LANES } from "../iotgw/frame.ts";

/** Lane 0 is never held: what is withdrawn or killed makes room. */
const HELD_LANES = [1, 2, 3];
/** Given at once while there is room: enough for a line that is busy until the next look. */
const GRANT_FRAMES = 1000;
const GRANT_BYTES = 1 << 20;

interface Amounts {
  frames: number[];
  bytes: number[];
}

const amounts = (value: number): Amounts => ({
  frames: new Array<number>(LANES).fill(value),
  bytes: new Array<number>(LANES).fill(value),
});

export class CreditBook {
  private readonly received = amounts(0);
  private readonly given = amounts(Infinity);
  private readonly sent = amounts(0);
  private readonly granted = amounts(Infinity);

  // ── what comes in ───────────────────────────────────────────────────────────────────────────────────────────

  onReceived(lane: number, bytes: number): void {
    this.received.frames[lane]++;
    this.received.bytes[lane] += bytes;
  }

  /** No more than has come. A frame with that, or null when it was said. */
  hold(): Uint8Array | null {
    return this.give(0, 0);
  }

  /** As much again, once half of it is used; null while it is not, or where nothing was ever held. */
  goOn(): Uint8Array | null {
    const { received, given } = this;
    const isShort = HELD_LANES.some((lane) => given.frames[lane] - received.frames[lane] < GRANT_FRAMES / 2);
    const isLight = HELD_LANES.some((lane) => given.bytes[lane] - received.bytes[lane] < GRANT_BYTES / 2);
    return isShort || isLight ? this.give(GRANT_FRAMES, GRANT_BYTES) : null;
  }

  // ── what goes out ───────────────────────────────────────────────────────────────────────────────────────────

  onSent(lane: number, bytes: number): void {
    this.sent.frames[lane]++;
    this.sent.bytes[lane] += bytes;
  }

  takesLane(lane: number): boolean {
    const { sent, granted } = this;
    return sent.frames[lane] < granted.frames[lane] && sent.bytes[lane] < granted.bytes[lane];
  }

  /** The peer said so: in all, since the session began. */
  onGranted(lanes: readonly LaneCredit[]): void {
    for (const { lane, packets, bytes } of lanes) {
      this.granted.frames[lane] = packets;
      this.granted.bytes[lane] = bytes;
    }
  }

  private give(frames: number, bytes: number): Uint8Array | null {
    const { received, given } = this;
    const lanes: LaneCredit[] = [];
    for (const lane of HELD_LANES) {
      const packets = received.frames[lane] + frames;
      // What was given is not taken back: it may have been used already.
      if (given.frames[lane] !== Infinity && packets <= given.frames[lane]) continue;
      given.frames[lane] = packets;
      given.bytes[lane] = received.bytes[lane] + bytes;
      lanes.push({ lane, packets, bytes: given.bytes[lane] });
    }
    if (lanes.length === 0) return null;
    const head = {
      reqtype: Reqtype.ASYNC,
      cmd: Command.CREDIT,
      cmdVersion: 1,
      error: 0,
      rqid: 0,
      crc: false,
    };
    return encodeFrame(head, encodeCredit(lanes));
  }
}
