/** `bowline history`: values over time, as a list of what there is, a table with a small line, or CSV. */

import type { Command } from "commander";
import type { HistoryView, SeriesList, SeriesPoints, SeriesView } from "../http/api.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { parseDuration } from "./arguments/duration.ts";
import { misread, misreadText } from "./arguments/misread.ts";
import { parseCount } from "./arguments/options.ts";
import { connectClient, type GatewayClient } from "./gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { formatBytes, formatCount } from "./output/amounts.ts";
import { formatJson, printable } from "./output/display.ts";
import { formatDate } from "./output/message-line.ts";
import { sparkline } from "./output/sparkline.ts";
import { type Column, formatTable } from "./output/table.ts";
import type { Terminal } from "./process/terminal.ts";

interface HistoryOptions extends GatewayOptions {
  since?: string;
  from?: string;
  to?: string;
  points?: string;
  csv?: boolean;
  json?: boolean;
}

const DEFAULT_SINCE_MS = 86_400_000;
/** Of the table, for people. */
const DEFAULT_ROWS = 24;
/** Of the line, where stdout is no terminal. */
const DEFAULT_WIDTH = 80;
const MOST_POINTS = 5000;

const seriesColumns: readonly Column<SeriesView>[] = [
  { title: "board", value: ({ device }) => device },
  { title: "type", value: ({ type }) => type, isText: true },
  { title: "field", value: ({ field }) => field, isText: true },
  { title: "last", value: ({ last }) => last },
  { title: "at", value: ({ to }) => formatDate(to) },
  { title: "since", value: ({ from }) => formatDate(from) },
];

interface Point {
  t: number;
  mean: number | null;
  min: number | null;
  max: number | null;
}

const time: Column<Point> = { title: "time", value: ({ t }) => formatDate(t) };
const valueColumns: readonly Column<Point>[] = [time, { title: "value", value: ({ mean }) => mean ?? "-" }];
const bucketColumns: readonly Column<Point>[] = [
  time,
  { title: "mean", value: roundMean },
  { title: "least", value: ({ min }) => min ?? "-" },
  { title: "most", value: ({ max }) => max ?? "-" },
];

/** Two digits more than its least and most have: what is beyond nobody measured. `--json` and CSV have all. */
function roundMean({ mean, min, max }: Point): number | string {
  if (mean === null) return "-";
  const digits = Math.max(...[min, max].map((one) => decimalsOf(one ?? mean)));
  return Number.isFinite(digits) ? Number(mean.toFixed(digits + 2)) : mean;
}

/** Infinity for one that is so small or large that it has an exponent. */
function decimalsOf(value: number): number {
  const text = String(value);
  return text.includes("e") ? Infinity : (text.split(".")[1] ?? "").length;
}

export function addHistory(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("history")
      .description("values over time: what is kept, a table, or CSV")
      .argument("[device]", "only of this board")
      .argument("[type]", "only of this type of message")
      .argument("[field]", "the values of this field")
      .option("--since <duration>", "values of the last so long, as 90m or 168h (default: 24h)")
      .option("--from <time>", "values from this time on, as 2026-11-27 or 2026-11-27T12:00")
      .option("--to <time>", "values before this time (default: now)")
      .option(
        "--points <n>",
        `at most so many, in buckets where there are more (default: ${DEFAULT_ROWS}; --json: 600)`,
      )
      .option("--csv", "every value that is kept, as CSV; of a board, of a type or of a field")
      .option("--json", "one object a line"),
  )
    .addHelpText(
      "after",
      "\nTimes without Z or +01:00 are this machine's. A value of the last day is kept as it came; older ones as mean, least," +
        " most and count of a minute, then of ten (section history of the configuration)." +
        "\n\nExamples:" +
        "\n  bowline history                                  what there is" +
        "\n  bowline history sim-1 l:telemetry temp           the last day, with a line" +
        "\n  bowline history sim-1 --csv --since 168h > week.csv",
    )
    .action((device, type, field, options: HistoryOptions) =>
      history({ device, type, field }, options, terminal),
    );
}

interface Names {
  device?: string;
  type?: string;
  field?: string;
}

async function history(names: Names, options: HistoryOptions, terminal: Terminal): Promise<void> {
  const range = readRange(options, Date.now());
  const client = await connectClient(options, terminal);
  if (options.csv) await printCsv(client, names, range, terminal);
  else if (names.field === undefined) await list(client, names, options, terminal);
  else await show(client, names, range, options, terminal);
}

async function list(
  client: GatewayClient,
  { device, type }: Names,
  options: HistoryOptions,
  terminal: Terminal,
): Promise<void> {
  const found = (await client.get(`api/v1/history/series${query({ device })}`)) as SeriesList;
  const rows = found.series.filter((one) => (type ?? one.type) === one.type);
  if (options.json) for (const row of rows) terminal.print(formatJson(row));
  else if (rows.length > 0)
    for (const line of formatTable(seriesColumns, rows, terminal.columns)) terminal.print(line);
  for (const line of sayHow(found.history, rows.length)) terminal.warn(printable(line));
}

/** What a list does not show; "" for nothing. */
function sayHow(view: HistoryView, rows: number): string[] {
  const { state, fault, mend, unkept, missed, points, bytes } = view;
  if (state === "off") return ["no history is kept: history.enabled is false"];
  const lines = [];
  if (state === "fault") lines.push(`no history is kept: ${fault}`, `  mend: ${mend}`);
  if (state === "catchingUp") lines.push("it still reads what the store has: there will be more");
  if (rows === 0 && state === "ok") lines.push("no numbers came yet");
  else if (rows > 0) lines.push(`${formatCount(points, "point")}, ${formatBytes(bytes)} on the disk`);
  if (unkept > 0) lines.push(`${formatCount(unkept, "value")} not kept: too many series`);
  if (missed > 0) lines.push(`${formatCount(missed, "message")} missed: the store had given them up`);
  return lines;
}

interface Range {
  from: number;
  to: number;
}

async function show(
  client: GatewayClient,
  names: Names,
  range: Range,
  options: HistoryOptions,
  terminal: Terminal,
): Promise<void> {
  const ask = async (points?: number) =>
    (await client.get(`api/v1/history${query({ ...names, ...range, points })}`)) as SeriesPoints;
  const count = options.points === undefined ? undefined : readPointCount(options.points);
  if (options.json) {
    for (const point of pointsOf(await ask(count))) terminal.print(formatJson(point));
    return;
  }
  const width = Math.min(terminal.columns ?? DEFAULT_WIDTH, MOST_POINTS);
  const wide = await ask(width);
  if (wide.t.length === 0)
    return terminal.warn("no values in that time; what there is: npx bowline history DEVICE");
  const found = await ask(count ?? DEFAULT_ROWS);
  const columns = found.stepMs === 0 ? valueColumns : bucketColumns;
  for (const line of formatTable(columns, pointsOf(found), terminal.columns)) terminal.print(line);
  terminal.print("");
  terminal.print(sparkline(wide, width));
  terminal.print(`${extent(wide)}, ${formatDate(wide.from)} to ${formatDate(wide.to)}`);
}

function extent({ min, max }: SeriesPoints): string {
  const [least, most] = [min, max].map((all) => all.filter((one) => one !== null));
  return `${Math.min(...least)} to ${Math.max(...most)}`;
}

const pointsOf = ({ t, mean, min, max }: SeriesPoints): Point[] =>
  t.map((time, i) => ({ t: time, mean: mean[i], min: min[i], max: max[i] }));

async function printCsv(
  client: GatewayClient,
  names: Names,
  range: Range,
  terminal: Terminal,
): Promise<void> {
  if (names.device === undefined) {
    const text = "history --csv: no board; allowed: bowline history DEVICE [TYPE] [FIELD] --csv";
    throw new BowlineError("USAGE", text, ExitCode.usage, "bowline history");
  }
  for await (const line of client.lines(`api/v1/history/csv${query({ ...names, ...range })}`)) {
    await terminal.whenReady();
    terminal.print(line);
  }
}

function query(parameters: Record<string, string | number | undefined>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) given.set(name, String(value));
  const text = given.toString();
  return text === "" ? "" : `?${text}`;
}

function readPointCount(text: string): number {
  const count = parseCount("--points", text);
  if (count >= 1 && count <= MOST_POINTS) return count;
  throw misread("--points", `${count}`, `1 to ${MOST_POINTS}`);
}

function readRange({ since, from, to }: HistoryOptions, now: number): Range {
  if (since !== undefined && from !== undefined) throw misread("--since", "--from is there too", "one");
  const end = to === undefined ? now + 1 : readTime("--to", to);
  const sinceMs = since === undefined ? DEFAULT_SINCE_MS : parseDuration("--since", since);
  const begin = from === undefined ? end - sinceMs : readTime("--from", from);
  if (begin < end) return { from: Math.max(0, begin), to: end };
  throw misread("--from", `${from} is not before ${to ?? "now"}`, "an earlier time");
}

/** A day alone is its beginning here, as a day with a time is. */
function readTime(name: string, text: string): number {
  const isTime = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(text);
  const time = isTime
    ? Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(" ", "T"))
    : Number.NaN;
  if (!Number.isNaN(time) && isDay(text.slice(0, 10))) return time;
  throw misreadText(name, text, "2026-11-27, 2026-11-27T12:00, 2026-11-27T12:00:00Z");
}

/** Not one as 2026-02-31, which would be taken for one of the next month. */
const isDay = (day: string) => new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) === true;
