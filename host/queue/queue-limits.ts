/** What a queue may hold, and what becomes of a packet for which there is no room (iotgw H8, §9 backpressure). */

export type Policy =
  /** The new one is refused. */
  | "reject"
  /** The oldest of its lane that has not left makes room. */
  | "dropOldest"
  /** One of the same key that has not left makes room; else it is refused. */
  | "coalesce"
  /** The new one is refused for now: whenRoom() tells when to try again. */
  | "wait";

export interface QueueLimits {
  maxPackets: number;
  maxBytes: number;
  /** Bytes of one packet. */
  maxFrame: number;
  /** For each lane. */
  policies: readonly [Policy, Policy, Policy, Policy];
}

/** Shares of the limits at which the queue says that it fills, and that it has emptied again. */
export const HIGH = 0.8;
export const LOW = 0.6;

export const defaultLimits: QueueLimits = {
  maxPackets: 100_000,
  maxBytes: 64 << 20,
  maxFrame: 65_536,
  policies: ["reject", "reject", "reject", "reject"],
};

/** Why a packet was not taken; nothing of the queue or the packet has changed then. */
export type Refusal =
  | "PEER_REMOVED"
  | "ALREADY_QUEUED"
  | "INVALID_STATE"
  | "OBJECT_INVALIDATED"
  | "EXPIRED"
  | "TOO_BIG"
  | "QUEUE_FULL"
  | "TRY_AGAIN";

export function noRefusals(): Record<Refusal, number> {
  return {
    PEER_REMOVED: 0,
    ALREADY_QUEUED: 0,
    INVALID_STATE: 0,
    OBJECT_INVALIDATED: 0,
    EXPIRED: 0,
    TOO_BIG: 0,
    QUEUE_FULL: 0,
    TRY_AGAIN: 0,
  };
}
