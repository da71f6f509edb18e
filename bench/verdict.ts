/** A goal of performance §2 and whether a run reached it. */

export interface Verdict {
  /** What was compared: "64-byte chunks: session / ws". */
  what: string;
  value: number;
  /** The spread of the value over the rounds, where it has one. */
  min?: number;
  max?: number;
  bound: "at least" | "at most" | "below";
  goal: number;
  unit: string;
  isMet: boolean;
}

type Measured = number | { median: number; min: number; max: number };

function judge(
  what: string,
  measured: Measured,
  bound: Verdict["bound"],
  goal: number,
  unit: string,
): Verdict {
  const { median: value, ...ends } =
    typeof measured === "number"
      ? { median: measured }
      : { median: measured.median, min: measured.min, max: measured.max };
  const isMet = bound === "at least" ? value >= goal : bound === "at most" ? value <= goal : value < goal;
  return { what, value, ...ends, bound, goal, unit, isMet };
}

export const atLeast = (what: string, measured: Measured, goal: number, unit = "×"): Verdict =>
  judge(what, measured, "at least", goal, unit);

export const atMost = (what: string, measured: Measured, goal: number, unit = "×"): Verdict =>
  judge(what, measured, "at most", goal, unit);

export const below = (what: string, measured: Measured, goal: number, unit: string): Verdict =>
  judge(what, measured, "below", goal, unit);
