/** What the files of a store were at every acknowledgement of a run, and which of it a power cut could not take. */
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../host/platform/clock.ts";
import { flushFolder } from "../../host/platform/durable-file.ts";
import type { Change, Database, Entry, Range, Snapshot } from "../../host/store/database.ts";
import { DurableStore } from "../../host/store/durable-store.ts";
import { LevelDatabase } from "../../host/store/level-database.ts";
import { seededRandom } from "../../host/transports/random.ts";
import { appendMessage, DEVICES } from "./truth.ts";

/** What may be broken on purpose, to see that the proof sees it. */
export interface Weakness {
  /** Commits are not flushed. */
  noFlush?: boolean;
  /** New files get no durable name. */
  noFolderFlush?: boolean;
}

/** The disk at one moment: how many bytes of which files it has. */
export type Disk = ReadonlyMap<string, number>;

export interface Moment {
  /** What is durable, and what else was written. */
  durable: Disk;
  written: Disk;
  commit: number;
  /** Messages acknowledged. */
  acknowledged: number;
}

export interface Run {
  moments: Moment[];
  /** The longest content of each file; logs and lists of files only grow, tables never change. */
  contents: Map<string, Buffer>;
  epoch: string;
}

const LOG_BYTES = 64 << 10;
const DIARY = /^(LOG|LOG\.old|LOCK)$/;

/** Fills a store in `data` with `count` messages, one a commit. */
export async function recordRun(data: string, seed: number, count: number, weakness: Weakness): Promise<Run> {
  const random = seededRandom(seed);
  const folder = join(data, "store");
  mkdirSync(folder, { recursive: true });
  const recorder = new Recorder(folder, weakness);
  let commit = 0;
  const store = new DurableStore(recorder, {
    ...{ folder: data, machine: "", clock: systemClock, maxMessages: 1e6, maxBytes: 1e9, maxAgeS: 0 },
    ...{ whenFull: "dropOldest", commitDelayMs: 0, retryMs: 1000, flush: weakness.noFlush !== true },
    low: () => null,
    onFlushed() {},
    onFault() {},
    onReopened() {},
  });
  await recorder.open(true);
  await store.start();
  const moments: Moment[] = [recorder.moment(++commit, 0)];
  for (let seq = 1; seq <= count; seq++) {
    const size = Math.floor(random() ** 3 * 6000);
    await appendMessage(store, DEVICES[seq % DEVICES.length], seq, size);
    moments.push(recorder.moment(++commit, seq));
  }
  const { epoch } = store;
  await store.stop();
  await recorder.close();
  return { moments, contents: recorder.contents, epoch };
}

class Recorder implements Database {
  readonly contents = new Map<string, Buffer>();
  private readonly inner: LevelDatabase;
  private durable = new Map<string, number>();
  /** Names that a flush of the folder made durable. */
  private names = new Set<string>();

  constructor(
    private readonly folder: string,
    weakness: Weakness,
  ) {
    const flush = async (path: string) => {
      if (weakness.noFolderFlush) return;
      await flushFolder(path);
      this.names = new Set(readdirSync(path));
    };
    this.inner = new LevelDatabase(folder, { logBytes: LOG_BYTES, flushFolder: flush });
  }

  async open(create: boolean): Promise<void> {
    await this.inner.open(create);
    this.names = new Set(readdirSync(this.folder));
    this.take();
  }

  async write(changes: Change[], flush: boolean): Promise<void> {
    await this.inner.write(changes, flush);
    if (flush) this.take();
  }

  /** A flushed commit: what is written now is durable, if its name is. A list of files makes its folder's names so. */
  private take(): void {
    const written = this.look();
    this.durable = new Map(
      [...written].filter(([name]) => this.names.has(name) || /^(MANIFEST|CURRENT)|\.ldb$/.test(name)),
    );
  }

  moment(commit: number, acknowledged: number): Moment {
    return { durable: this.durable, written: this.look(), commit, acknowledged };
  }

  private look(): Map<string, number> {
    const sizes = new Map<string, number>();
    for (const name of readdirSync(this.folder)) {
      if (DIARY.test(name)) continue;
      const path = join(this.folder, name);
      // What LevelDB deletes while we look was no longer needed.
      const size = statSync(path, { throwIfNoEntry: false })?.size;
      if (size === undefined) continue;
      if (size !== this.contents.get(name)?.length || name === "CURRENT")
        this.contents.set(name, readFileSync(path));
      sizes.set(name, this.contents.get(name)!.length);
    }
    return sizes;
  }

  reopen(): Promise<void> {
    return this.inner.reopen();
  }

  all(): Snapshot {
    return this.inner.all();
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  read(range: Range): Promise<Entry[]> {
    return this.inner.read(range);
  }

  get(keys: string[]): Promise<(Buffer | undefined)[]> {
    return this.inner.get(keys);
  }

  keys(range: Range): Promise<string[]> {
    return this.inner.keys(range);
  }

  compact(from: string, to: string): Promise<void> {
    return this.inner.compact(from, to);
  }
}
