/** Values that are not written yet: they wait in memory until there are enough, and are in the store meanwhile. */
import { newColumn, type Table } from "./table.ts";

export class Gathering {
  /** By the number of the source. */
  readonly tables = new Map<number, Table>();
  /** Numbers held, times among them. */
  cells = 0;
  /** Of them, values. */
  values = 0;

  get isEmpty(): boolean {
    return this.tables.size === 0;
  }

  /** A message's values; of a field that is there twice, the first counts. */
  add(source: number, t: number, values: readonly (readonly [field: number, value: number])[]): void {
    let table = this.tables.get(source);
    if (table === undefined) {
      table = { times: [], columns: new Map() };
      this.tables.set(source, table);
    }
    const row = table.times.push(t) - 1;
    this.cells++;
    for (const [field, value] of values) {
      let column = table.columns.get(field);
      if (column === undefined) {
        column = newColumn();
        // One value is its own mean, minimum and maximum.
        column.mins = column.sums;
        column.maxs = column.sums;
        table.columns.set(field, column);
      }
      const { counts, sums } = column;
      if (counts.length > row) continue;
      this.cells += row + 1 - counts.length;
      while (counts.length < row) {
        counts.push(0);
        sums.push(0);
      }
      counts.push(1);
      sums.push(value);
      this.values++;
    }
  }

  /** Its tables with columns as long as they have rows. */
  finish(): ReadonlyMap<number, Table> {
    for (const { times, columns } of this.tables.values())
      for (const { counts, sums } of columns.values())
        while (counts.length < times.length) {
          counts.push(0);
          sums.push(0);
        }
    return this.tables;
  }
}
