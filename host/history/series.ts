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
  /** Values of series beyond the bound on how many are kept. */
  unkept: number;
  history: HistoryView;
}

/** GET /api/v1/history: columns, oldest first; all of one length. */
export interface SeriesPoints extends SeriesName {
  from: number;
  to: number;
  /** ms between two points; 0: every value as it came. Then min and max are what mean is. */
  stepMs: number;
  /** ms since 1970; of a bucket its beginning. */
  t: number[];
  /** null: nothing came for several times as long as it mostly takes. */
  mean: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
}

/** How the history itself is. */
export interface HistoryView {
  /**
   * catchingUp: it reads what the store has and it had not; fault: nothing is kept at present, and what the store still
   * holds is read once that is over.
   */
  state: "off" | "catchingUp" | "ok" | "fault";
  series: number;
  /** Values, and buckets of them. */
  points: number;
  bytes: number;
  maxBytes: number;
  /** Values of series beyond the bound on how many are kept. */
  unkept: number;
  /** Messages that the store had given up before they were read. */
  missed: number;
  /** Its oldest value, ms since 1970; 0: none. */
  from: number;
  /** Why nothing is kept; "" while it is. */
  fault: string;
  mend: string;
}

/** Which points of one series: from `from` on, before `to`, ms since 1970, `points` at most. */
export interface HistoryQuery extends SeriesName {
  from: number;
  to: number;
  points: number;
}

/** What is to be written out: of one board, of one type, of one field. */
export interface RowQuery {
  device: string;
  type?: string;
  field?: string;
  from: number;
  to: number;
}

/** A value as it came, or a bucket of them. */
export interface Row extends SeriesName {
  /** ms since 1970; of a bucket its beginning. */
  t: number;
  mean: number;
  min: number;
  max: number;
  count: number;
}
