/** One number of a board over time: the chart, what is under the cursor in words, the same as a table, and as a file. */
import { useMemo, useState } from "preact/hooks";
import { type ChartData, chartData, extentOf } from "../chart-data.ts";
import { dayOf, formatField, formatTime } from "../format.ts";
import { Fault } from "../shell/parts.tsx";
import { type Column, Table } from "../shell/table.tsx";
import { Time } from "../shell/times.tsx";
import type { Trend } from "../trend.ts";
import { csvHref, type SeriesChart } from "./charts-model.ts";
import { Plot } from "./plot.tsx";
import type { Range } from "./ranges.ts";

/** The newest; all are in the file. */
const MAX_ROWS = 100;
/** Drawn anew for the time that goes by so often in the width of a chart. */
const STEPS = 600;

interface ChartProps {
  chart: SeriesChart;
  range: Range;
  /** What came while the page was open. */
  live: Trend | null;
  now: number;
}

export function Chart({ chart, range, live, now }: ChartProps) {
  const { device, type, field, points, fault } = chart;
  const [under, setUnder] = useState<number | null>(null);
  const step = range.ms / STEPS;
  const to = Math.ceil(now / step) * step;
  const newest = live?.times[live.times.length - 1] ?? 0;
  // `newest`: a trend is the same object when it has a newer value.
  const data = useMemo(
    () => (points === null ? null : chartData(points, live, to - range.ms)),
    [points, live, newest, to, range],
  );
  const format = (value: number) => formatField(type, field, value);
  const extent = data === null ? null : extentOf(data);
  const words = extent === null ? "no value" : `from ${format(extent.low)} to ${format(extent.high)}`;
  return (
    <article class="card chart">
      <div class="chart-head">
        <h3>{field}</h3>
        <span class="quiet">{type}</span>
        <strong class="chart-last">{extent !== null && format(extent.last)}</strong>
      </div>
      <Fault text={fault} />
      {data === null ? (
        <div class="plot quiet">Asking for it…</div>
      ) : (
        <Plot
          {...{ data, to, format }}
          from={to - range.ms}
          label={`${field} of ${device}, ${range.words}: ${words}`}
          onPoint={setUnder}
        />
      )}
      <p class="chart-under quiet">{data !== null && (pointWords(data, under, format, now) ?? words)}</p>
      <div class="chart-foot">
        {data !== null && <AsTable name={`${field} of ${device}`} {...{ data, format, now }} />}
        <a href={csvHref({ device, type, field }, range, to)} download>
          CSV
        </a>
      </div>
    </article>
  );
}

/** undefined: nothing is under the cursor. */
function pointWords(
  [t, min, mean, max]: ChartData,
  at: number | null,
  format: (value: number) => string,
  now: number,
): string | undefined {
  const value = at === null ? null : mean[at];
  if (at === null || value === null || value === undefined) return undefined;
  const [low, high] = [min[at] ?? value, max[at] ?? value];
  const spread = low === high ? "" : `, from ${format(low)} to ${format(high)}`;
  return `${formatTime(t[at], now)}: ${format(value)}${spread}`;
}

interface AsTableProps {
  name: string;
  data: ChartData;
  format(value: number): string;
  now: number;
}

interface Row {
  at: number;
  values: (number | null)[];
}

function AsTable({ name, data: [t, ...columns], format, now }: AsTableProps) {
  const [isOpen, setIsOpen] = useState(false);
  const day = dayOf(now);
  const shown = (index: number, title: string): Column<Row> => ({
    title,
    isNumber: true,
    cell: ({ values }) => (values[index] === null ? "–" : format(values[index]!)),
  });
  const rows = () =>
    t
      .map((at, i): Row => ({ at, values: columns.map((column) => column[i]) }))
      .slice(-MAX_ROWS)
      .reverse();
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys
        <section class="chart-table" tabIndex={0} aria-label={`${name} as a table`}>
          <Table
            caption={`The newest ${MAX_ROWS} points of ${name}`}
            rows={rows()}
            keyOf={({ at }) => `${at}`}
            columns={[
              { title: "when", cell: ({ at }) => <Time at={at} now={day} /> },
              shown(0, "least"),
              shown(1, "mean"),
              shown(2, "most"),
            ]}
          />
        </section>
      )}
    </details>
  );
}
