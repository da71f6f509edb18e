/** Many values as one: the buckets of a table, from values and from smaller buckets. */
import { type Column, newColumn, type Table } from "./table.ts";

interface Bucket {
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** A sum of 15 digits is as exact as what it is made of, and short: 0.3 in place of 0.30000000000000004. */
const DIGITS = 15;
/** Of a mean as many as mean something. */
const MEAN_DIGITS = 12;

/** Of one value that value itself. */
export function meanOf(count: number, sum: number): number {
  return count === 1 ? sum : Number((sum / count).toPrecision(MEAN_DIGITS));
}

/** The tables of one source in buckets of `stepMs`. */
export function thin(tables: readonly Table[], stepMs: number): Table {
  const starts = new Set<number>();
  const fields = new Map<number, Map<number, Bucket>>();
  for (const { times, columns } of tables) {
    const beginnings = times.map((t) => Math.floor(t / stepMs) * stepMs);
    for (const start of beginnings) starts.add(start);
    for (const [field, column] of columns) {
      const buckets = fields.get(field) ?? new Map<number, Bucket>();
      fields.set(field, buckets);
      for (const [row, start] of beginnings.entries()) addRow(buckets, start, column, row);
    }
  }
  const times = [...starts].sort((a, b) => a - b);
  const columns = new Map([...fields].map(([field, buckets]) => [field, columnOf(times, buckets)]));
  return { times, columns };
}

function addRow(buckets: Map<number, Bucket>, start: number, column: Column, row: number): void {
  const count = column.counts[row];
  if (count === 0) return;
  const bucket = buckets.get(start);
  if (bucket === undefined)
    buckets.set(start, { count, sum: column.sums[row], min: column.mins[row], max: column.maxs[row] });
  else {
    bucket.count += count;
    bucket.sum += column.sums[row];
    bucket.min = Math.min(bucket.min, column.mins[row]);
    bucket.max = Math.max(bucket.max, column.maxs[row]);
  }
}

function columnOf(times: readonly number[], buckets: ReadonlyMap<number, Bucket>): Column {
  const column = newColumn();
  for (const start of times) {
    const { count, sum, min, max } = buckets.get(start) ?? { count: 0, sum: 0, min: 0, max: 0 };
    column.counts.push(count);
    column.sums.push(Number(sum.toPrecision(DIGITS)));
    column.mins.push(min);
    column.maxs.push(max);
  }
  return column;
}
