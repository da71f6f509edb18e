/**
 * What a thread that adds packets and the hub tell each other, many packets a message: a few arrays cross between
 * threads at a fraction of what as many objects cost.
 *
 *   AddRow:     serial  peer  lane + 4·isRequeued  ttl ms  size  chunk  index  life      in `bodies`, one behind the other
 *   ResultRow:  serial  what  maybeDelivered
 */
import type { Outcome } from "./packet.ts";
import type { Refusal } from "./queue-limits.ts";

/** A peer as a thread knows it: configured anew, it has another generation (R2.2). */
export interface PeerKey {
  id: bigint;
  generation: number;
}

export const ADD_FIELDS = 8;
export const RESULT_FIELDS = 3;

/** From a thread to the hub. */
export interface AddBatch {
  /** ms of the process's clock when it was sent: what it waited since is no life that is left (iotgw §9, TTL). */
  at: number;
  peers: PeerKey[];
  rows: Float64Array;
  bodies: Uint8Array;
  /** Of the rows that have one, by number. */
  keys: Map<number, string>;
  /** Serials that were withdrawn: their words say so already. */
  withdrawn: number[];
  /** Arrays of words that are new. */
  words: Int32Array[];
}

/** From the hub to a thread. */
export interface HubReport {
  /** Which there are now; absent: as before. */
  peers?: PeerKey[];
  /** In the order in which it happened. */
  results: Float64Array;
}

/** By their place here they are told. */
const results: readonly (Outcome | Refusal | "accepted")[] = [
  "accepted",
  "delivered",
  "expired",
  "cancelled",
  "peer-removed",
  "dropped-by-policy",
  "rejected",
  "unknown",
  "PEER_REMOVED",
  "ALREADY_QUEUED",
  "INVALID_STATE",
  "OBJECT_INVALIDATED",
  "EXPIRED",
  "TOO_BIG",
  "QUEUE_FULL",
  "TRY_AGAIN",
];

const FIRST_REFUSAL = results.indexOf("PEER_REMOVED");

export type Result = (typeof results)[number];

const codes = new Map(results.map((result, code) => [result, code]));

export const encodeResult = (result: Result): number => codes.get(result)!;
export const decodeResult = (code: number): Result => results[code];
export const isRefusal = (code: number): boolean => code >= FIRST_REFUSAL;

/** ms of a clock that all threads of the process share, and that never jumps. */
export const sharedNow = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
