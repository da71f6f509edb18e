/** The arithmetic of rounds: what several measurements of the same thing come to. */

/** Several values of one quantity. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** The middle value, or the mean of the two in the middle. RangeError for no values at all. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("median: no values, at least one is needed");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value that the share `p` (0…1) of the values does not exceed. RangeError for no values at all. */
export function percentile(values: readonly number[], p: number): number {
  if (values.length === 0) throw new RangeError("percentile: no values, at least one is needed");
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)];
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * How many times `ours` is `theirs`, round by round: both were measured side by side, so what slowed the machine in one
 * round slowed both. RangeError when the rounds are not the same number.
 */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Spread {
  if (ours.length !== theirs.length)
    throw new RangeError(`ratio: ${ours.length} rounds and ${theirs.length}, they must be the same`);
  return spreadOf(ours.map((value, round) => value / theirs[round]));
}
