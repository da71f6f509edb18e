/** Whether what a process uses stays where it is, judged from samples over time. */

export interface Sample {
  /** Hours since the start. */
  at: number;
  value: number;
}

/** The line through them by least squares, per hour. */
export function slopeOf(samples: readonly Sample[]): number {
  const at = mean(samples.map((sample) => sample.at));
  const value = mean(samples.map((sample) => sample.value));
  const spread = samples.reduce((sum, sample) => sum + (sample.at - at) ** 2, 0);
  const common = samples.reduce((sum, sample) => sum + (sample.at - at) * (sample.value - value), 0);
  return spread === 0 ? 0 : common / spread;
}

/**
 * How much it rose from the first third to the last. By its floor: what is collected now and then goes up and down above
 * it, what leaks raises it. By its middle: what is now and then lower does not count.
 */
export function riseOf(samples: readonly Sample[], by: "floor" | "middle"): number {
  const third = Math.max(1, Math.floor(samples.length / 3));
  const levelOf = (part: readonly Sample[]) => {
    const sorted = part.map(({ value }) => value).sort((a, b) => a - b);
    return sorted[by === "floor" ? 0 : sorted.length >> 1];
  };
  return levelOf(samples.slice(-third)) - levelOf(samples.slice(0, third));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
