/**
 * Tables for people: aligned columns, two spaces apart, no lines.
 *
 * Where a terminal is too narrow, sentences go on in the next line and other long texts are shortened in their middle, but
 * never those of the first column: they name what a row is about. Where that does not do, long names have a line of their
 * own; and where that does not do either, each row is its name, and its values below it.
 */
import { paint, type Tone } from "./colour.ts";
import { displayWidth, printable, shorten } from "./display.ts";
import { wrap } from "./wrap.ts";

export interface Column<Row> {
  title: string;
  /** What the row shows here. */
  value(row: Row): string | number;
  /** Sentences: nothing of them is left out. */
  isText?: boolean;
  tone?(row: Row): Tone | undefined;
}

/** A text is narrowed to so much at most: enough to know a path again, and what is shorter stays whole. */
const LEAST_WIDTH = 20;
const GAP = "  ";
/** Of a value's second line, below a row's name. */
const INDENT = "    ";
/** Of a value there, unless it is sentences: the result of a task may be 64 KiB of JSON. */
const MOST_LINES = 4;

interface ShownColumn {
  /** The title first. */
  cells: string[];
  tones: (Tone | undefined)[];
  width: number;
  isRight: boolean;
  isText: boolean;
}

/**
 * The table as lines, its titles first; columns of numbers stand to the right. `columns`: what the terminal has. Colour
 * changes no width.
 */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number = Number.POSITIVE_INFINITY,
  isColoured = false,
): string[] {
  const shown = columns.map((column) => shownColumn(column, rows, isColoured));
  const lines = Array.from({ length: rows.length + 1 }, (_, line) => line);
  if (narrow(shown, width)) return lines.flatMap((line) => alignedRow(shown, line));
  return lines.slice(1).flatMap((line) => stack(shown, line, width));
}

function shownColumn<Row>(
  { title, value, tone, isText = false }: Column<Row>,
  rows: readonly Row[],
  isColoured: boolean,
): ShownColumn {
  const values = rows.map(value);
  const cells = [title, ...values.map((cell) => printable(String(cell)))];
  const tones = isColoured ? ["title" as const, ...rows.map((row) => tone?.(row))] : [];
  const isRight = values.length > 0 && values.every((cell) => typeof cell === "number");
  return { cells, tones, width: Math.max(...cells.map(displayWidth)), isRight, isText };
}

/** Takes from the widest texts until the table fits, from names last. False, and nothing is taken: it cannot. */
function narrow(columns: ShownColumn[], width: number): boolean {
  const excess = columns.reduce((sum, column) => sum + column.width + GAP.length, -GAP.length) - width;
  const least = columns.map((column, i) =>
    i === 0 || column.isRight
      ? column.width
      : Math.min(column.width, Math.max(LEAST_WIDTH, displayWidth(column.cells[0]))),
  );
  const room = columns.reduce((sum, column, i) => sum + column.width - least[i], 0);
  const [names] = columns;
  const nameRoom = names.isRight ? 0 : names.width - Math.min(names.width, LEAST_WIDTH);
  if (excess > room + nameRoom) return false;
  // Names that have a line of their own anyhow may leave the rest as much as there is.
  const fromNames = excess > room ? Math.min(excess, nameRoom) : 0;
  names.width -= fromNames;
  for (let left = excess - fromNames; left > 0; left--) {
    const widest = columns.reduce(
      (best, { width }, i) =>
        i > 0 && width > least[i] && (best < 0 || width > columns[best].width) ? i : best,
      -1,
    );
    columns[widest].width--;
  }
  return true;
}

/** One row of the table; more than one line where a sentence goes on, or its name is too long to stand beside the rest. */
function alignedRow(columns: readonly ShownColumn[], row: number): string[] {
  const [names] = columns;
  const isLong = displayWidth(names.cells[row]) > names.width;
  const cells = columns.map(({ cells, width, isText }, i) => {
    if (i === 0 && isLong) return [];
    return isText ? wrap(cells[row], width) : [shorten(cells[row], width)];
  });
  const lines = Array.from({ length: Math.max(...cells.map(({ length }) => length)) }, (_, line) =>
    columns.map((column, i) => alignedCell(column, row, cells[i][line] ?? "")),
  );
  const joined = lines.map((line) => line.join(GAP).trimEnd());
  return isLong ? [paint(names.cells[row], names.tones[row]), ...joined] : joined;
}

function alignedCell({ width, isRight, tones }: ShownColumn, row: number, text: string): string {
  const space = " ".repeat(width - displayWidth(text));
  const cell = paint(text, tones[row]);
  return isRight ? space + cell : cell + space;
}

/** A row as its name, and below it what it has, as much in a line as there is room for. */
function stack([names, ...others]: readonly ShownColumn[], row: number, width: number): string[] {
  const isColoured = names.tones.length > 0;
  const lines = [paint(`${names.cells[0]}: ${names.cells[row]}`, isColoured ? "title" : undefined)];
  /** Columns taken in the last of them; nothing goes behind a name, or behind a value of several lines. */
  let taken = Number.POSITIVE_INFINITY;
  for (const column of others) {
    if (column.cells[row] === "-") continue;
    const [first, ...more] = pairLines(column, row, width);
    const needed = GAP.length + displayWidth(`${column.cells[0]}: ${column.cells[row]}`);
    if (taken + needed <= width) lines[lines.length - 1] += GAP + first;
    else lines.push(GAP + first, ...more.map((line) => INDENT + line));
    taken = taken + needed <= width ? taken + needed : needed;
  }
  return lines;
}

/** Sentences go on below. What else is too long is left to the terminal, from which it can then be copied whole. */
function pairLines({ cells, tones, isText }: ShownColumn, row: number, width: number): string[] {
  if (isText) return wrap(`${cells[0]}: ${cells[row]}`, Math.max(LEAST_WIDTH, width - INDENT.length));
  return [`${cells[0]}: ${paint(shorten(cells[row], MOST_LINES * width), tones[row])}`];
}
