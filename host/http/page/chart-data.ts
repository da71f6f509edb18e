/** What a chart draws: the points that the history answered, and behind them what came since. */
import type { SeriesPoints } from "../../history/series.ts";
import type { Trend } from "./trend.ts";

export type Column = (number | null)[];

/** ms since 1970, then the least, the mean and the most of each; all of one length. */
export type ChartData = [t: number[], min: Column, mean: Column, max: Column];

/** `from`: what is older has left the chart. `live`: null where nothing came while the page was open. */
export function chartData(
  { t, min, mean, max, stepMs }: SeriesPoints,
  live: Trend | null,
  from: number,
): ChartData {
  const first = firstAt(t, from);
  const data: ChartData = [t.slice(first), min.slice(first), mean.slice(first), max.slice(first)];
  if (live === null) return data;
  // The last bucket counts what came in it already; a value is one again that has the time of the last.
  const known = t.length === 0 ? from : t[t.length - 1] + Math.max(stepMs, 1);
  for (const [i, at] of live.times.entries()) {
    if (at < known) continue;
    data[0].push(at);
    for (const column of [data[1], data[2], data[3]]) column.push(live.values[i]);
  }
  return data;
}

/** The index of the first that is not older. */
function firstAt(t: readonly number[], from: number): number {
  const found = t.findIndex((at) => at >= from);
  return found < 0 ? t.length : found;
}

/** Of a number, the least room around it: uPlot adds one tick after another, and of less none would be another number. */
const LEAST_ROOM = 1e-12;

/**
 * From where to where an axis goes: nothing runs along its edge, and what never changed has its line in the middle, but
 * where that asks for room below zero which a count has not.
 */
export function roomAround(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const room = low === high ? largest * 0.1 || 1 : Math.max((high - low) * 0.08, largest * LEAST_ROOM);
  return [low === 0 && high === 0 ? -0.08 : low - room, high + room];
}

export interface Extent {
  low: number;
  high: number;
  last: number;
}

/** null: there is no value in it. */
export function extentOf([, min, mean, max]: ChartData): Extent | null {
  const lows = min.filter((value) => value !== null);
  const highs = max.filter((value) => value !== null);
  const last = mean.filter((value) => value !== null).at(-1);
  if (last === undefined) return null;
  return { low: least(lows), high: -least(highs.map((value) => -value)), last };
}

// Math.min(...values) has a limit on how many.
const least = (values: number[]) =>
  values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
