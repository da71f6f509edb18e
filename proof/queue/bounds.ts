/** What the queue of the model may hold: little, so that a few steps come to every bound. */
import type { QueueLimits } from "../../host/queue/queue-limits.ts";

export const FRAGMENT = 4;
export const WINDOW = { packets: 12, bytes: 48 };

export const limits: QueueLimits = {
  maxPackets: 12,
  maxBytes: 36,
  maxFrame: 10,
  policies: ["reject", "wait", "dropOldest", "coalesce"],
};
