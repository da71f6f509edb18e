/** Tables for people: aligned columns, two spaces apart, no lines and no colour. */
import { displayWidth, printable } from "./display.ts";

export interface Column<Row> {
  title: string;
  /** What the row shows here. */
  value(row: Row): string | number;
}

/** The table as lines, its titles first; columns of numbers stand to the right. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const shown = columns.map((column) => shownColumn(column, rows));
  return Array.from({ length: rows.length + 1 }, (_, line) =>
    shown
      .map((column) => column[line])
      .join("  ")
      .trimEnd(),
  );
}

function shownColumn<Row>({ title, value }: Column<Row>, rows: readonly Row[]): string[] {
  const values = rows.map(value);
  const cells = [title, ...values.map((cell) => printable(String(cell)))];
  const width = Math.max(...cells.map(displayWidth));
  const isRight = values.length > 0 && values.every((cell) => typeof cell === "number");
  return cells.map((cell) => {
    const space = " ".repeat(width - displayWidth(cell));
    return isRight ? space + cell : cell + space;
  });
}
