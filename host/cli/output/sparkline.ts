/** Values over time as one line of block characters, from the least to the most; a space where nothing came. */

const BLOCKS = "▁▂▃▄▅▆▇█";

export interface Line {
  from: number;
  to: number;
  t: readonly number[];
  mean: readonly (number | null)[];
}

export function sparkline({ from, to, t, mean }: Line, width: number): string {
  const columns: { sum: number; count: number }[] = Array.from({ length: width }, () => ({
    sum: 0,
    count: 0,
  }));
  for (const [i, value] of mean.entries()) {
    if (value === null) continue;
    const at = Math.floor((width * (t[i] - from)) / (to - from));
    const column = columns[Math.min(width - 1, Math.max(0, at))];
    column.sum += value;
    column.count++;
  }
  const means = columns.map(({ sum, count }) => (count === 0 ? null : sum / count));
  const known = means.filter((one) => one !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const height = (value: number) =>
    most === least ? 0 : Math.round(((BLOCKS.length - 1) * (value - least)) / (most - least));
  return means
    .map((value) => (value === null ? " " : BLOCKS[height(value)]))
    .join("")
    .trimEnd();
}
