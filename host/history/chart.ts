/** The points of a chart: as many as were asked for at most, and a null wherever nothing came for long. */
import type { HistoryQuery, SeriesPoints } from "./series.ts";
import { meanOf } from "./thin.ts";

/** What a person reads off an axis, ms; beyond the last its multiples. Each holds whole those that thinned ones can be of. */
const niceMs = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 300, 600, 900].map((s) => 1000 * s),
  ...[20, 30, 40, 60, 90, 120, 180, 240, 360, 720, 1440].map((min) => 60_000 * min),
];
const DAY_MS = 86_400_000;
/** A pause is a gap when it is so many times as long as most. */
const GAP = 4;

interface Point {
  t: number;
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** The shortest step that gives no more than `points`, and splits no bucket of `coarsestMs` (0: there are none). */
function stepFor(rangeMs: number, points: number, coarsestMs: number): number {
  const least = rangeMs / Math.max(1, points - 1);
  const nice = niceMs.find((step) => step >= least && (coarsestMs === 0 || step % coarsestMs === 0));
  return nice ?? Math.ceil(least / DAY_MS) * DAY_MS;
}

/** Of values that come in any order. */
export class Chart {
  /** As they came, as long as there are few enough. */
  private raw: Point[] | null;
  private readonly buckets = new Map<number, Point>();
  private readonly stepMs: number;

  constructor(
    private readonly query: HistoryQuery,
    /** How much of the time asked for has values, and the longest bucket in it, 0 when there is none. */
    rangeMs: number,
    coarsestMs: number,
  ) {
    this.raw = coarsestMs === 0 ? [] : null;
    this.stepMs = stepFor(rangeMs, query.points, coarsestMs);
  }

  add(t: number, count: number, sum: number, min: number, max: number): void {
    if (this.raw !== null && this.raw.length < this.query.points) this.raw.push({ t, count, sum, min, max });
    else this.raw = null;
    addTo(this.buckets, Math.floor(t / this.stepMs) * this.stepMs, { t, count, sum, min, max });
  }

  finish(): SeriesPoints {
    const { points } = this.query;
    if (this.raw !== null) {
      const whole = withGaps(this.raw, 0);
      if (whole.length <= points) return this.series(whole, 0);
    }
    let { buckets, stepMs } = this;
    for (;;) {
      const whole = withGaps([...buckets.values()], stepMs);
      if (whole.length <= points || buckets.size <= 1) return this.series(whole.slice(0, points), stepMs);
      // The gaps are too many: half as many buckets.
      stepMs *= 2;
      const wider = new Map<number, Point>();
      for (const [start, point] of buckets) addTo(wider, Math.floor(start / stepMs) * stepMs, point);
      buckets = wider;
    }
  }

  private series(points: readonly (Point | number)[], stepMs: number): SeriesPoints {
    const { device, type, field, from, to } = this.query;
    const of = (value: (point: Point) => number) =>
      points.map((point) => (typeof point === "number" ? null : value(point)));
    return {
      ...{ device, type, field, from, to, stepMs },
      t: points.map((point) => (typeof point === "number" ? point : point.t)),
      mean: of(({ count, sum }) => meanOf(count, sum)),
      min: of(({ min }) => min),
      max: of(({ max }) => max),
    };
  }
}

function addTo(buckets: Map<number, Point>, start: number, { count, sum, min, max }: Point): void {
  const bucket = buckets.get(start);
  if (bucket === undefined) buckets.set(start, { t: start, count, sum, min, max });
  else {
    bucket.count += count;
    bucket.sum += sum;
    bucket.min = Math.min(bucket.min, min);
    bucket.max = Math.max(bucket.max, max);
  }
}

/** In the order of time, and in each gap the time at which the next was missed. */
function withGaps(points: Point[], stepMs: number): (Point | number)[] {
  const sorted = points.sort((a, b) => a.t - b.t);
  const pauses = sorted.slice(1).map(({ t }, i) => t - sorted[i].t);
  const usual = Math.max(stepMs, [...pauses].sort((a, b) => a - b)[Math.floor(pauses.length / 2)] ?? 0);
  return sorted.flatMap((point, i) =>
    i > 0 && usual > 0 && pauses[i - 1] > GAP * usual ? [sorted[i - 1].t + usual, point] : [point],
  );
}
