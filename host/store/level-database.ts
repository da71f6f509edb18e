/** The database on disk: LevelDB, in a folder of its own. */
import type { ClassicLevel } from "classic-level";
import { probeDisk } from "../platform/probe-disk.ts";
import type { Change, Database, Entry, Range, Snapshot } from "./database.ts";
import { FolderFlush } from "./folder-flush.ts";
import { storeFault, storeUnavailable } from "./store-fault.ts";

type Level = ClassicLevel<string, Buffer>;
type LevelIterator = ReturnType<typeof iterate>;
type ChainedBatch = ReturnType<Level["batch"]>;

/**
 * Changes that go as one array, when their values are large together. A chain takes a fifth of the time for each, but its
 * bytes are given back by the garbage collector only, and the few changes beside many messages are not worth that.
 */
const FEW = 4;
const LARGE_BYTES = 1 << 16;

/** What is read at once of everything there is. */
const PIECE_ENTRIES = 1000;
const PIECE_BYTES = 1 << 17;

/** As LevelDB has it by itself. */
const LOG_BYTES = 4 << 20;
/** Opening writes the log as a table, and new lists of files: so much, in bytes; and what is to be free for it and after. */
const OPENING_BYTES = LOG_BYTES + (1 << 16);
const ROOM_TO_OPEN = 16 << 20;

export interface LevelOptions {
  /** Bytes after which LevelDB begins a new log. */
  logBytes?: number;
  /** Makes the names in a folder durable. */
  flushFolder?: (path: string) => Promise<void>;
}

export class LevelDatabase implements Database {
  private level: Level | null = null;
  private readonly entries: FolderFlush;

  constructor(
    private readonly folder: string,
    private readonly options: LevelOptions = {},
  ) {
    this.entries = new FolderFlush(folder, options.flushFolder);
  }

  /** Without `create` a missing file is an error: LevelDB would begin anew and delete what is left. */
  async open(create: boolean): Promise<void> {
    const { logBytes = LOG_BYTES } = this.options;
    // Lazily: where the native part is missing, all that needs no store still works.
    const { ClassicLevel } = await import("classic-level").catch((error) => {
      throw storeUnavailable(error);
    });
    const level: Level = new ClassicLevel(this.folder, {
      keyEncoding: "utf8",
      valueEncoding: "buffer",
      writeBufferSize: logBytes,
    });
    try {
      await level.open({ createIfMissing: create, errorIfExists: create });
    } catch (error) {
      await level.close().catch(() => {});
      throw storeFault(error, `opening the store in ${this.folder}`, this.folder);
    }
    this.level = level;
  }

  /** What is there stays readable as long as the disk takes nothing: only then is it closed to be opened again. */
  async reopen(): Promise<void> {
    try {
      await probeDisk(this.folder, ROOM_TO_OPEN, OPENING_BYTES);
    } catch (error) {
      throw storeFault(error, `writing to the store in ${this.folder}`, this.folder);
    }
    await this.close();
    await this.open(false);
  }

  async close(): Promise<void> {
    const level = this.level;
    this.level = null;
    await level?.close();
  }

  async write(changes: Change[], flush: boolean): Promise<void> {
    try {
      if (changes.length <= FEW && isLarge(changes))
        await this.opened.batch(changes as never, { sync: flush });
      else await this.chain(changes).write({ sync: flush });
      if (flush) await this.entries.flush();
    } catch (error) {
      throw storeFault(error, `writing to the store in ${this.folder}`, this.folder);
    }
  }

  private chain(changes: Change[]): ChainedBatch {
    const batch = this.opened.batch();
    for (const change of changes) {
      if (change.type === "put") batch.put(change.key, change.value as Buffer);
      else batch.del(change.key);
    }
    return batch;
  }

  async read(range: Range): Promise<Entry[]> {
    try {
      return await this.opened.iterator(optionsOf(range)).all();
    } catch (error) {
      throw storeFault(error, `reading the store in ${this.folder}`, this.folder);
    }
  }

  async get(keys: string[]): Promise<(Buffer | undefined)[]> {
    try {
      return await this.opened.getMany(keys);
    } catch (error) {
      throw storeFault(error, `reading the store in ${this.folder}`, this.folder);
    }
  }

  async keys(range: Range): Promise<string[]> {
    try {
      return await this.opened.keys(optionsOf(range)).all();
    } catch (error) {
      throw storeFault(error, `reading the store in ${this.folder}`, this.folder);
    }
  }

  all(): Snapshot {
    // LevelDB's iterator is of the moment it is made, and open from then on.
    const iterator = iterate(this.opened);
    const pieces = this.pieces(iterator);
    return { [Symbol.asyncIterator]: () => pieces, close: () => iterator.close() };
  }

  private async *pieces(iterator: LevelIterator): AsyncGenerator<Entry[], undefined> {
    try {
      for (;;) {
        const entries: Entry[] = await iterator.nextv(PIECE_ENTRIES);
        if (entries.length === 0) return;
        yield entries;
      }
    } catch (error) {
      throw storeFault(error, `reading the store in ${this.folder}`, this.folder);
    } finally {
      await iterator.close();
    }
  }

  async compact(from: string, to: string): Promise<void> {
    await this.level?.compactRange(from, to);
  }

  private get opened(): Level {
    if (this.level === null) throw new Error("the store is not open");
    return this.level;
  }
}

function isLarge(changes: readonly Change[]): boolean {
  let bytes = 0;
  for (const change of changes) if (change.type === "put") bytes += change.value.length;
  return bytes > LARGE_BYTES;
}

function optionsOf({ gte, lt, limit = Infinity, reverse = false }: Range) {
  return { gte, lt, reverse, limit: limit === Infinity ? -1 : limit };
}

function iterate(level: Level) {
  return level.iterator({ highWaterMarkBytes: PIECE_BYTES });
}
