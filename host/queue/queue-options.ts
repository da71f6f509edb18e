/** What a queue is made with, and what it counts. */
import type { Outcome, Packet } from "./packet.ts";
import { noRefusals, type QueueLimits, type Refusal } from "./queue-limits.ts";

/** Gives numbers to the packets of one stream: what has one is never skipped (session part 4). */
export interface Numbering {
  /** Whether a packet of so many bytes may get its number now. */
  hasRoom(bytes: number): boolean;
  /** Sets `packet.number`; once that is safe, numberIsSafe() is to be called, in the order of the numbers. */
  number(packet: Packet): void;
}

export interface QueueOptions {
  /** ms that never jump. */
  now(): number;
  /** Calls processPacketQueue() later, on the thread of the queue: the asynchronous signal of step 4. */
  signal?(process: () => void): void;
  limits?: Partial<QueueLimits>;
  /** Packets and bytes that wait in a session's lanes, a quarter for each. */
  window?: { packets: number; bytes: number };
  /** Bytes of a packet that leave in one frame, so that a more urgent one waits no longer. */
  fragmentBytes?: number;
  /** Given: one stream in the order of its numbers, whatever the lanes. */
  numbering?: Numbering;
  /** It holds more than 80 % of what it may, or less than 60 % again. */
  onPressure?(isHigh: boolean): void;
}

/** What a queue has done so far. */
export interface QueueCounts {
  added: number;
  refused: number;
  /** Of what was refused, why. */
  refusals: Record<Refusal, number>;
  outcomes: Record<Outcome, number>;
}

export function nothingYet(): QueueCounts {
  return {
    added: 0,
    refused: 0,
    refusals: noRefusals(),
    outcomes: {
      delivered: 0,
      expired: 0,
      cancelled: 0,
      "peer-removed": 0,
      "dropped-by-policy": 0,
      rejected: 0,
      unknown: 0,
    },
  };
}
