/** What a store's commits took so far, for metrics. */
import { Spread } from "../platform/spread.ts";
import type { Change } from "./database.ts";

/** s; an SSD flushes in a fifth of a millisecond, a tired flash card in a second. */
const COMMIT_BOUNDS_S = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

export class StoreTally {
  /** From a batch that is handed to the database until it is as safe as it is to be. */
  readonly commitSeconds = new Spread(COMMIT_BOUNDS_S);
  /** Keys and values handed to the database. What its files add to that, LevelDB alone knows. */
  writtenBytes = 0;
  /** Times that it took nothing any more. */
  faults = 0;

  committed(changes: readonly Change[], seconds: number): void {
    this.commitSeconds.add(seconds);
    for (const change of changes)
      this.writtenBytes += change.key.length + (change.type === "put" ? change.value.length : 0);
  }
}
