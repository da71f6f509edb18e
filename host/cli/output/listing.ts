/** What all listing verbs share: a table for people, or one object a line. */
import { typedMend } from "../../platform/errors.ts";
import type { Terminal } from "../process/terminal.ts";
import { formatJson } from "./display.ts";
import { type Column, formatTable } from "./table.ts";

export interface Listing<Row> {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  /** Said on stderr instead of a table without rows. */
  nothing: string;
}

export function printListing<Row>(
  { rows, columns, nothing }: Listing<Row>,
  options: { json?: boolean },
  terminal: Terminal,
): void {
  if (options.json) for (const row of rows) terminal.print(formatJson(row));
  else if (rows.length === 0) terminal.warn(typedMend(nothing));
  else printTable(columns, rows, terminal);
}

export function printTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  terminal: Terminal,
): void {
  const lines = formatTable(columns, rows, terminal.columns, terminal.isColoured);
  for (const line of lines) terminal.print(line);
}
