/** The charts of one board: as many as are shown are asked for, each at the rhythm of the range that is chosen. */
import type { SeriesName, SeriesPoints } from "../../../history/series.ts";
import type { Ask, Slice } from "../slice.ts";
import { type Range, ranges } from "./ranges.ts";

/** At once; the others on demand, as many again each time. */
const CHARTS_AT_FIRST = 8;
/** More than a chart is wide in pixels are not seen. */
const POINTS = 400;

export interface SeriesChart extends SeriesName {
  points: SeriesPoints | null;
  fault: string;
}

export class ChartsModel implements Slice {
  range: Range = ranges[0];
  limit = CHARTS_AT_FIRST;
  private charts = new Map<string, SeriesChart>();

  /** By type and field. */
  get all(): SeriesChart[] {
    return [...this.charts.values()];
  }

  get shown(): SeriesChart[] {
    return this.all.slice(0, this.limit);
  }

  get asks(): Ask[] {
    return this.shown.map((chart) => this.askFor(chart));
  }

  /** These are there now; a chart that was there stays the same. */
  takeSeries(series: readonly SeriesName[]): void {
    const sorted = [...series].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    this.charts = new Map(
      sorted.map(({ device, type, field }) => {
        const key = keyOf({ device, type, field });
        return [key, this.charts.get(key) ?? { device, type, field, points: null, fault: "" }];
      }),
    );
  }

  /** What is shown stays until the answer for the new range is there. */
  choose(range: Range): void {
    this.range = range;
  }

  showMore(): void {
    this.limit += CHARTS_AT_FIRST;
  }

  private askFor(chart: SeriesChart): Ask {
    const { range } = this;
    return {
      key: `history ${range.name} ${keyOf(chart)}`,
      path: (now) => `/api/v1/history?${query(chart, now - range.ms)}&points=${POINTS}`,
      everyMs: range.everyMs,
      take: (points: SeriesPoints) => {
        // An answer that comes late is of a range that is chosen no more.
        if (range === this.range) Object.assign(chart, { points, fault: "" });
      },
      fail: (text) => {
        chart.fault = text;
      },
    };
  }
}

/** Of the address that answers with a file. */
export function csvHref(name: Partial<SeriesName> & { device: string }, range: Range, now: number): string {
  return `/api/v1/history/csv?${query(name, now - range.ms)}`;
}

function query({ device, type, field }: Partial<SeriesName>, from: number): URLSearchParams {
  const given = Object.entries({ device, type, field, from: `${Math.max(0, Math.floor(from))}` });
  return new URLSearchParams(given.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

const keyOf = ({ type, field }: SeriesName) => `${type}\n${field}`;
