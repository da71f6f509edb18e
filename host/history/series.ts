/** Values over time as the API tells them, ready for JSON and for a chart. */

/** One number that a board says again and again: a field of one type of its messages, `l:telemetry` `temp`. */
export interface SeriesName {
  device: string;
  type: string;
  /** Of what is nested, with points: `bme.temp`. */
  field: string;
}

/** GET /api/v1/history/series. */
export interface SeriesView extends SeriesName {
  /** Of what is kept, ms since 1970. */
  from: number;
  to: number;
  last: number;
}

export interface SeriesList {
  series: SeriesView[];
  /** Beyond the bound on how many are kept. */
  unkept: number;
}

/** GET /api/v1/history: columns, oldest first; all of one length. */
export interface SeriesPoints extends SeriesName {
  from: number;
  to: number;
  /** ms between two points; 0: every value as it came. Then min and max are what mean is. */
  stepMs: number;
  /** ms since 1970. */
  t: number[];
  mean: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
}
