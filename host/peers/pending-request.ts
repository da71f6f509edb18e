/** A request to a board that has come to no outcome. */
import type { Packet } from "../queue/packet.ts";

export interface PendingRequest {
  rq: number;
  payload: Uint8Array;
  state: "accepting" | "waiting" | "answered";
  /** What carries it: null before it is accepted, and once the board has acknowledged it. */
  packet: Packet | null;
  /** What would have ended it while it, or its reply, was being committed. */
  late: "" | "overdue" | "forgotten" | "cancelled";
  /** May be sent again to a board that began anew (session part 4). */
  retry: boolean;
  /** It was sent to a life of the board that is over, which may have done it. */
  hasLeft: boolean;
  timer: NodeJS.Timeout;
}

/** Bytes of it have left to the board's present life. */
export function isSent({ state, packet }: PendingRequest): boolean {
  return state === "waiting" && (packet === null || packet.hasLeft);
}
