/** A table that is one on a desk, and on a phone a list of blocks with the title before each value. */
import type { ComponentChildren } from "preact";

export interface Column<T> {
  title: string;
  /** Right, in digits of one width. */
  isNumber?: boolean;
  /** Takes the room that is left. */
  isWide?: boolean;
  hint?: string;
  cell(row: T): ComponentChildren;
}

interface TableProps<T> {
  /** What it is a table of, for who does not see where it stands. */
  caption: string;
  rows: readonly T[];
  keyOf(row: T): string;
  columns: readonly Column<T>[];
  /** warn or bad for a row that is not well. */
  lookOf?(row: T): string;
}

/** Roles are said, for a table that is laid out as blocks is none to a browser. */
const as = {
  table: { role: "table" },
  rowgroup: { role: "rowgroup" },
  row: { role: "row" },
  columnheader: { role: "columnheader" },
  cell: { role: "cell" },
} as const;

export function Table<T>({ caption, rows, keyOf, columns, lookOf }: TableProps<T>) {
  return (
    <div class="table">
      <table {...as.table}>
        <caption class="sr">{caption}</caption>
        <thead {...as.rowgroup}>
          <tr {...as.row}>
            {columns.map(({ title, hint, ...column }) => (
              <th key={title} scope="col" {...as.columnheader} title={hint} class={classOf(column)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody {...as.rowgroup}>
          {rows.map((row) => (
            <tr key={keyOf(row)} {...as.row} class={lookOf?.(row)}>
              {columns.map((column) => (
                <td key={column.title} {...as.cell} data-title={column.title} class={classOf(column)}>
                  <div class="cell">{column.cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const classOf = ({ isNumber = false, isWide = false }) => `${isNumber ? "num" : ""} ${isWide ? "wide" : ""}`;
