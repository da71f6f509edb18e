/** Questions to the history: the points of a chart, and every row there is. */
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { Archive } from "./archive.ts";
import type { Field, Source } from "./catalogue.ts";
import { Chart } from "./chart.ts";
import type { Gathering } from "./gathering.ts";
import type { Sink } from "./pour.ts";
import type { HistoryQuery, Row, RowQuery, SeriesName, SeriesPoints } from "./series.ts";
import { meanOf } from "./thin.ts";

/** What is asked, at the moment it is: what was gathered may be written meanwhile. */
export interface Held {
  archive: Archive;
  gathering(): Gathering;
}

/** Rows are read, sorted and handed on in pieces of this time; it holds whole buckets. */
const PIECE_MS = 3_600_000;

export async function readPoints(held: Held, query: HistoryQuery): Promise<SeriesPoints> {
  const { archive } = held;
  const [source, at, field] = find(archive, query);
  const { from, to } = rangeOf(archive, field, query);
  let chart!: Chart;
  await readField(held, source, at, query.from, query.to, () => {
    chart = new Chart(query, Math.max(0, to - from), archive.coarsest(from, to));
    return (...value) => chart.add(...value);
  });
  return chart.finish();
}

/** Series by series, each in the order of time. `hold`: the archive may be another one as it goes on. */
export async function* readRows(hold: () => Held, query: RowQuery): AsyncGenerator<Row, undefined> {
  const { device } = query;
  for (const name of namesOf(hold().archive, query)) {
    const [, , field] = find(hold().archive, { device, ...name });
    const { from, to } = rangeOf(hold().archive, field, query);
    for (const piece of await piecesOf(hold(), { device, ...name }, from, to)) {
      const [start, end] = [Math.max(from, piece * PIECE_MS), Math.min(to, (piece + 1) * PIECE_MS)];
      yield* await readPiece(hold(), { device, ...name }, start, end);
    }
  }
}

/** Those that hold something, in order: between two values of a clock that was put right there may be decades. */
async function piecesOf(held: Held, name: SeriesName, from: number, to: number): Promise<number[]> {
  const [source, at] = find(held.archive, name);
  const pieces = new Set<number>();
  await readField(held, source, at, from, to, () => {
    pieces.clear();
    // A bucket that began before is in the first.
    return (t) => pieces.add(Math.floor(Math.max(t, from) / PIECE_MS));
  });
  return [...pieces].sort((a, b) => a - b);
}

async function readPiece(held: Held, name: SeriesName, from: number, to: number): Promise<Row[]> {
  const [source, at] = find(held.archive, name);
  let rows: Row[] = [];
  await readField(held, source, at, from, to, () => {
    rows = [];
    return (t, count, sum, min, max) => rows.push({ ...name, t, mean: meanOf(count, sum), min, max, count });
  });
  return rows.sort((a, b) => a.t - b.t);
}

async function readField(
  { archive, gathering }: Held,
  source: Source,
  field: number,
  from: number,
  to: number,
  begin: () => Sink,
): Promise<void> {
  let gathered!: Gathering;
  let sink!: Sink;
  await archive.read(source, field, from, to, () => {
    gathered = gathering();
    sink = begin();
    return sink;
  });
  // Behind what was written before: of one time the order is that in which they came.
  const table = gathered.tables.get(source.id);
  const column = table?.columns.get(field);
  // As far as the column goes: later rows have no such field.
  for (const [row, count] of (column?.counts ?? []).entries()) {
    const [t, sum] = [table!.times[row], column!.sums[row]];
    if (count > 0 && t >= from && t < to) sink(t, count, sum, sum, sum);
  }
}

/** What of the time asked for has values of this field. */
function rangeOf(archive: Archive, field: Field, { from, to }: { from: number; to: number }) {
  const oldest = archive.totals.from;
  const begin = oldest === 0 ? field.from : Math.max(field.from, Math.min(oldest, field.to));
  return { from: Math.max(from, begin), to: Math.min(to, field.to + 1) };
}

/** Of a board, all types or one, all fields or one. Throws SERIES_UNKNOWN when there is none. */
function namesOf(archive: Archive, { device, type, field }: RowQuery): { type: string; field: string }[] {
  const names = archive.catalogue
    .views(0, device)
    .filter((one) => (type ?? one.type) === one.type && (field ?? one.field) === one.field);
  if (names.length === 0) throw unknown(archive, [device, type, field]);
  return names.map((one) => ({ type: one.type, field: one.field }));
}

function find(archive: Archive, name: SeriesName): [source: Source, at: number, field: Field] {
  const source = archive.catalogue.find(name);
  const at = source?.fields.findIndex((field) => field?.name === name.field) ?? -1;
  if (source === undefined || at < 0) throw unknown(archive, [name.device, name.type, name.field]);
  return [source, at, source.fields[at]!];
}

function unknown(archive: Archive, wanted: (string | undefined)[]): BowlineError {
  const [device] = wanted;
  const known = archive.catalogue.views(0, device).map(({ type, field }) => `${type} ${field}`);
  const seen =
    known.length === 0
      ? `nothing is kept of ${device}`
      : `kept of ${device}: ${known.slice(0, 10).join(", ")}${known.length > 10 ? ", …" : ""}`;
  const name = wanted.filter((part) => part !== undefined).join(" ");
  const text = `looking for ${name}: no such series; ${seen}`;
  return new BowlineError("SERIES_UNKNOWN", text, ExitCode.notFound, "bowline history");
}
