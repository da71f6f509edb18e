/** Sorted keys with values, changed in batches that happen whole or not at all: all that the store needs of a disk. */

export type Change = { type: "put"; key: string; value: Uint8Array } | { type: "del"; key: string };

/** Keys from `gte` on, below `lt`, at most `limit`. */
export interface Range {
  gte: string;
  lt: string;
  limit?: number;
  /** From the last to the first. */
  reverse?: boolean;
}

export type Entry = [key: string, value: Buffer];

/** Everything there was at one moment, in the order of the keys, in pieces: read once at most. */
export interface Snapshot extends AsyncIterable<Entry[]> {
  /** Whoever has it closes it, read to its end, in part or not at all: what it holds is not given back to the disk. */
  close(): Promise<void>;
}

export interface Database {
  /** `create`: it is not there yet. Rejects with a BowlineError when it cannot be had. */
  open(create: boolean): Promise<void>;
  /** After a write that failed: takes writes again, and shows whether that one is there. Rejects when it cannot yet. */
  reopen(): Promise<void>;
  close(): Promise<void>;
  /** Resolves once the batch is written; with `flush`, once it and all before it survive a power cut. */
  write(changes: Change[], flush: boolean): Promise<void>;
  /** What was written when it is asked, whatever is written meanwhile. A value may not be changed. */
  read(range: Range): Promise<Entry[]>;
  /** The values under these keys, undefined where there is none; as of when it is asked. */
  get(keys: string[]): Promise<(Buffer | undefined)[]>;
  /** Keys without their values, in pieces of at most `limit`. */
  keys(range: Range): Promise<string[]>;
  /** Everything there is when it is asked, whatever is written meanwhile. */
  all(): Snapshot;
  /** Gives back to the disk what was deleted between these keys. */
  compact(from: string, to: string): Promise<void>;
}
