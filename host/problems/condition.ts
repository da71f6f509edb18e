/** What is not as it should be at one look; it becomes a problem once it has lasted (problem-watch.ts). */
import type { Problem } from "./problem.ts";

export interface Condition extends Omit<Problem, "since"> {
  /** ms since 1970, where the view that was looked at knows; else it began when it was first seen. */
  since?: number;
  /** No problem before it has lasted so long: what mends itself by then is for the timeline. */
  graceMs?: number;
  /** A warning becomes critical once it has lasted so long. */
  criticalAfterMs?: number;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
