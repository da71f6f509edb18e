/** How far back a chart looks, and how often it is asked for anew. */

export interface Range {
  name: string;
  title: string;
  /** For who does not see the chart. */
  words: string;
  ms: number;
  everyMs: number;
}

const HOUR_MS = 3_600_000;

export const ranges: readonly Range[] = [
  { name: "1h", title: "1 h", words: "the last hour", ms: HOUR_MS, everyMs: 30_000 },
  { name: "24h", title: "24 h", words: "the last 24 hours", ms: 24 * HOUR_MS, everyMs: 60_000 },
  { name: "7d", title: "7 d", words: "the last 7 days", ms: 7 * 24 * HOUR_MS, everyMs: 300_000 },
];
