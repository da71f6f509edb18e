/**
 * Tables for people: aligned columns, two spaces apart, no lines and no colour.
 *
 * Where a terminal is too narrow, long texts are shortened in their middle, but never those of the first column: they
 * name what a row is about. Where that does not do each row is its name, and its values below it.
 */
import { displayWidth, printable, shorten } from "./display.ts";

export interface Column<Row> {
  title: string;
  /** What the row shows here. */
  value(row: Row): string | number;
}

/** A text is shortened to so much at most: enough to know a path again, and what is shorter stays whole. */
const LEAST_WIDTH = 20;
const GAP = "  ";

interface ShownColumn {
  /** The title first. */
  cells: string[];
  width: number;
  isRight: boolean;
}

/** The table as lines, its titles first; columns of numbers stand to the right. `columns`: what the terminal has. */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number = Number.POSITIVE_INFINITY,
): string[] {
  const shown = columns.map((column) => shownColumn(column, rows));
  if (!narrow(shown, width)) return rows.flatMap((_, row) => stack(shown, row + 1, width));
  return Array.from({ length: rows.length + 1 }, (_, line) =>
    shown
      .map((column) => alignedCell(column, line))
      .join(GAP)
      .trimEnd(),
  );
}

function shownColumn<Row>({ title, value }: Column<Row>, rows: readonly Row[]): ShownColumn {
  const values = rows.map(value);
  const cells = [title, ...values.map((cell) => printable(String(cell)))];
  const isRight = values.length > 0 && values.every((cell) => typeof cell === "number");
  return { cells, width: Math.max(...cells.map(displayWidth)), isRight };
}

/** Takes from the widest texts until the table fits. False, and nothing is taken: it cannot. */
function narrow(columns: ShownColumn[], width: number): boolean {
  const wholeWidth = columns.reduce((sum, column) => sum + column.width + GAP.length, -GAP.length);
  const least = columns.map((column, i) =>
    i === 0 || column.isRight
      ? column.width
      : Math.min(column.width, Math.max(LEAST_WIDTH, displayWidth(column.cells[0]))),
  );
  const room = columns.reduce((sum, column, i) => sum + column.width - least[i], 0);
  if (wholeWidth - width > room) return false;
  for (let excess = wholeWidth - width; excess > 0; excess--) {
    const widest = columns.reduce(
      (best, { width }, i) => (width > least[i] && (best < 0 || width > columns[best].width) ? i : best),
      -1,
    );
    columns[widest].width--;
  }
  return true;
}

function alignedCell({ cells, width, isRight }: ShownColumn, line: number): string {
  const cell = shorten(cells[line], width);
  const space = " ".repeat(width - displayWidth(cell));
  return isRight ? space + cell : cell + space;
}

/** A row as its name, and below it what it has, as much in a line as there is room for. */
function stack([name, ...others]: ShownColumn[], row: number, width: number): string[] {
  const lines = [name.cells[row]];
  const pairs = others
    .filter(({ cells }) => cells[row] !== "-")
    .map(({ cells }) => `${cells[0]}: ${cells[row]}`);
  for (const pair of pairs) {
    const line = `${lines[lines.length - 1]}${GAP}${pair}`;
    if (lines.length > 1 && displayWidth(line) <= width) lines[lines.length - 1] = line;
    else lines.push(`${GAP}${pair}`);
  }
  return lines;
}
