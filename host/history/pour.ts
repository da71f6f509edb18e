/** Values of one column handed to who wants those of a time. */
import type { Column } from "./table.ts";

/** A value, or a bucket of them that begins at `t`. */
export type Sink = (t: number, count: number, sum: number, min: number, max: number) => void;

/** `stepMs`: how long each of its buckets is; 0: they are values. Those that reach into from…to, without `to`. */
export function pour(
  times: readonly number[],
  column: Column | undefined,
  stepMs: number,
  from: number,
  to: number,
  sink: Sink,
): void {
  if (column === undefined) return;
  const { counts, sums, mins, maxs } = column;
  for (let row = 0; row < times.length; row++) {
    const t = times[row];
    if (counts[row] > 0 && t < to && (stepMs === 0 ? t >= from : t + stepMs > from))
      sink(t, counts[row], sums[row], mins[row], maxs[row]);
  }
}
