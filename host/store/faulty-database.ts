/**
 * A database that fails as disks and power supplies do: what was not flushed is lost in a crash, writes fail while they
 * are told to, and whoever watches is told of every step. For tests and for `bowline chaos`.
 *
 * What is written without a flush waits in memory, and so dies with the process; the next flush writes it all.
 */
import type { Change, Database, Entry, Range, Snapshot } from "./database.ts";
import { piecesOf } from "./memory-database.ts";

/** What one write goes through, in order. */
export type Step = "asked" | "written" | "flushed";

/** A write fails and is not in the database, or fails and is. */
export interface Failure {
  error: Error;
  isWritten: boolean;
}

export class FaultyDatabase implements Database {
  /** How the write that was asked for fails, and whether reopening does; null for not at all. */
  failing: ((changes: readonly Change[]) => Failure | null) | null = null;
  refusing: (() => Error | null) | null = null;
  /** Called after each step of a write, and waited for. */
  onStep: ((step: Step) => Promise<void> | void) | null = null;
  private unflushed: Change[] = [];
  private isCrashed = false;

  constructor(private readonly inner: Database) {}

  open(create: boolean): Promise<void> {
    return this.inner.open(create);
  }

  async reopen(): Promise<void> {
    const error = this.refusing?.() ?? null;
    if (error !== null) throw error;
    await this.inner.reopen();
  }

  /** As a process that is killed does: what was not flushed is gone. */
  async close(): Promise<void> {
    this.unflushed = [];
    await this.inner.close();
  }

  /** Power is gone: what was not flushed is lost, and no word comes out of here any more. */
  crash(): void {
    this.isCrashed = true;
    this.unflushed = [];
  }

  async write(changes: Change[], flush: boolean): Promise<void> {
    await this.step("asked");
    const failure = this.failing?.(changes) ?? null;
    if (failure !== null && !failure.isWritten) throw failure.error;
    this.unflushed.push(...changes);
    await this.step("written");
    if (flush) {
      const all = this.unflushed;
      this.unflushed = [];
      await this.inner.write(all, true);
      await this.step("flushed");
    }
    if (failure !== null) throw failure.error;
  }

  async read(range: Range): Promise<Entry[]> {
    if (this.unflushed.length === 0) return this.inner.read(range);
    const unflushed = [...this.unflushed];
    const entries = new Map<string, Buffer>(await this.inner.read({ gte: range.gte, lt: range.lt }));
    for (const change of unflushed) {
      if (change.key < range.gte || change.key >= range.lt) continue;
      if (change.type === "put") entries.set(change.key, Buffer.from(change.value));
      else entries.delete(change.key);
    }
    const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
    if (range.reverse) sorted.reverse();
    return sorted.slice(0, range.limit);
  }

  async get(keys: string[]): Promise<(Buffer | undefined)[]> {
    const unflushed = new Map(this.unflushed.map((change) => [change.key, change]));
    const values = await this.inner.get(keys);
    return keys.map((key, i) => {
      const change = unflushed.get(key);
      if (change === undefined) return values[i];
      return change.type === "put" ? Buffer.from(change.value) : undefined;
    });
  }

  async keys(range: Range): Promise<string[]> {
    if (this.unflushed.length === 0) return this.inner.keys(range);
    return (await this.read(range)).map(([key]) => key);
  }

  all(): Snapshot {
    return this.unflushed.length === 0 ? this.inner.all() : piecesOf(this.read({ gte: "\0", lt: "\uffff" }));
  }

  async compact(from: string, to: string): Promise<void> {
    await this.inner.compact(from, to);
  }

  private async step(step: Step): Promise<void> {
    await this.onStep?.(step);
    // The process that asked is no more: it is never answered.
    if (this.isCrashed) await new Promise<never>(() => {});
  }
}
