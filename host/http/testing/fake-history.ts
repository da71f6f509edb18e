/** A history without a store or a clock: what a test adds, as it came. */
import { Chart } from "../../history/chart.ts";
import { forEachNumber, typeOf } from "../../history/numbers.ts";
import type {
  HistoryQuery,
  HistoryView,
  Row,
  RowQuery,
  SeriesName,
  SeriesPoints,
  SeriesView,
} from "../../history/series.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import type { DeliveredMessage } from "../api.ts";

export class FakeHistory {
  rowsHeld: Row[] = [];
  /** What of the view is otherwise. */
  seen: Partial<HistoryView> = {};

  /** A value, or a bucket of `count`. */
  add(name: SeriesName, t: number, mean: number, { min = mean, max = mean, count = 1 } = {}): void {
    this.rowsHeld.push({ ...name, t, mean, min, max, count });
  }

  /** The numbers of a message. */
  note(delivered: DeliveredMessage): void {
    const type = typeOf(delivered);
    if (type === null) return;
    const { device, t = delivered.at } = delivered;
    forEachNumber(delivered, (field, value) => this.add({ device, type, field }, t, value));
  }

  view(): HistoryView {
    const { length: points } = this.rowsHeld;
    const totals = { series: this.series().length, points, bytes: 10 * points, maxBytes: 268_435_456 };
    const kept = { unkept: 0, missed: 0, from: this.rowsHeld[0]?.t ?? 0 };
    return { state: "ok", ...totals, ...kept, fault: "", mend: "", ...this.seen };
  }

  series(device?: string): SeriesView[] {
    const views = new Map<string, SeriesView>();
    for (const row of this.matching(device === undefined ? {} : { device })) {
      const key = `${row.device} ${row.type} ${row.field}`;
      const { from = row.t } = views.get(key) ?? {};
      const { device, type, field, t: to, mean: last } = row;
      views.set(key, { device, type, field, from, to, last });
    }
    return [...views.values()];
  }

  async points(query: HistoryQuery): Promise<SeriesPoints> {
    const rows = this.matching(query);
    if (rows.length === 0) {
      const text = `looking for ${query.device} ${query.type} ${query.field}: no such series`;
      throw new BowlineError("SERIES_UNKNOWN", text, ExitCode.notFound, "bowline history");
    }
    const chart = new Chart(query, query.to - query.from, 0);
    for (const { t, count, mean, min, max } of rows)
      if (t >= query.from && t < query.to) chart.add(t, count, count * mean, min, max);
    return chart.finish();
  }

  async *rows({ from, to, ...wanted }: RowQuery): AsyncGenerator<Row, undefined> {
    yield* this.matching(wanted).filter(({ t }) => t >= from && t < to);
  }

  private matching({ device, type, field }: Partial<SeriesName>): Row[] {
    return this.rowsHeld.filter(
      (row) =>
        (device ?? row.device) === row.device &&
        (type ?? row.type) === row.type &&
        (field ?? row.field) === row.field,
    );
  }
}
