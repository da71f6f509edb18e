/**
 * A database whose writes take until the schedule says so, fail, fail and are there after it was opened anew all the
 * same, and that forgets with a crash what was not flushed.
 */
import { BowlineError } from "../../host/platform/errors.ts";
import type { Change, Database, Entry, Range, Snapshot } from "../../host/store/database.ts";
import { FaultyDatabase } from "../../host/store/faulty-database.ts";
import { MemoryDatabase } from "../../host/store/memory-database.ts";

interface Writing {
  changes: Change[];
  flush: boolean;
  resolve(): void;
  reject(error: Error): void;
}

/** Tells of every batch that will survive. */
class FlushedDatabase extends MemoryDatabase {
  constructor(private readonly onFlushed: (changes: Change[]) => void) {
    super();
  }

  override async write(changes: Change[]): Promise<void> {
    this.onFlushed(changes);
    await super.write(changes);
  }
}

export class CrashingDatabase implements Database {
  /** Writes succeed at once. */
  isPrompt = false;
  /** So many times it cannot be opened. */
  openFailures = 0;
  private readonly inner: FaultyDatabase;
  private writing: Writing | null = null;
  /** Failed, and there when it is opened anew. */
  private ghost: Writing | null = null;
  private isBroken = false;

  constructor(onFlushed: (changes: Change[]) => void) {
    this.inner = new FaultyDatabase(new FlushedDatabase(onFlushed));
  }

  async open(): Promise<void> {
    if (this.openFailures > 0) {
      this.openFailures--;
      throw new BowlineError("STORE_FAILED", "opening the store: the schedule refuses");
    }
    const { ghost } = this;
    this.ghost = null;
    this.isBroken = false;
    if (ghost !== null) await this.inner.write(ghost.changes, ghost.flush);
  }

  reopen(): Promise<void> {
    return this.open();
  }

  async close(): Promise<void> {
    await this.inner.close();
  }

  async write(changes: Change[], flush: boolean): Promise<void> {
    if (this.isBroken) throw failed();
    if (this.isPrompt) return this.inner.write(changes, flush);
    await new Promise<void>((resolve, reject) => {
      this.writing = { changes, flush, resolve, reject };
    });
  }

  async succeed(): Promise<void> {
    const { writing } = this;
    if (writing === null) return;
    this.writing = null;
    await this.inner.write(writing.changes, writing.flush);
    writing.resolve();
  }

  /** `isThere`: after it was opened anew it turns out to have been written. */
  fail(isThere: boolean): void {
    const { writing } = this;
    if (writing === null) return;
    this.writing = null;
    this.isBroken = true;
    if (isThere) this.ghost = writing;
    writing.reject(failed());
  }

  /** The process is gone; what it was writing may have been written. */
  async crash(isThere: boolean): Promise<void> {
    const { writing } = this;
    this.writing = null;
    if (writing !== null && isThere && !this.isBroken) this.ghost = writing;
    await this.inner.close();
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

  all(): Snapshot {
    return this.inner.all();
  }

  compact(): Promise<void> {
    return Promise.resolve();
  }
}

function failed(): BowlineError {
  return new BowlineError("STORE_FAILED", "writing to the store: the schedule fails it");
}
