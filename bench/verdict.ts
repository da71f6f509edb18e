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
  /** The figure to aim at, where the goal is only what is to be reached first. */
  aim?: number;
  unit: string;
  isMet: boolean;
}

type Measured = number | { median: number; min: number; max: number };

/** Beside the goal. `unit`: × where it is a ratio. */
interface Terms {
  unit?: string;
  aim?: number;
}

function judge(
  what: string,
  measured: Measured,
  bound: Verdict["bound"],
  goal: number,
  { unit = "×", aim }: Terms,
): Verdict {
  const { median: value, ...ends } =
    typeof measured === "number"
      ? { median: measured }
      : { median: measured.median, min: measured.min, max: measured.max };
  const isMet = bound === "at least" ? value >= goal : bound === "at most" ? value <= goal : value < goal;
  return { what, value, ...ends, bound, goal, ...(aim !== undefined && { aim }), unit, isMet };
}

/** What is said beside the goal: its unit alone, or the figure to aim at. */
type Said = string | Terms;
const termsOf = (said: Said): Terms => (typeof said === "string" ? { unit: said } : said);

export const atLeast = (what: string, measured: Measured, goal: number, said: Said = {}): Verdict =>
  judge(what, measured, "at least", goal, termsOf(said));

export const atMost = (what: string, measured: Measured, goal: number, said: Said = {}): Verdict =>
  judge(what, measured, "at most", goal, termsOf(said));

export const below = (what: string, measured: Measured, goal: number, unit: string): Verdict =>
  judge(what, measured, "below", goal, { unit });
