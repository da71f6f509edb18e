/**
 * A database that fails as disks do: what was not flushed is lost when the process is killed, writes fail while they
 * are told to. For tests and for `bowline chaos`.
 *
 * What is written without a flush waits in memory, and so dies with the process; the next flush writes it all.
 */
import type { Change, Database, Entry, Range } from "./database.ts";

export class FaultyDatabase implements Database {
  /** What the next write throws; null for none. Called for each. */
  failing: ((changes: readonly Change[]) => Error | null) | null = null;
  private unflushed: Change[] = [];

  constructor(private readonly inner: Database) {}

  open(create: boolean): Promise<void> {
    return this.inner.open(create);
  }

  /** As a process that is killed does: what was not flushed is gone. */
  async close(): Promise<void> {
    this.unflushed = [];
    await this.inner.close();
  }

  async write(changes: Change[], flush: boolean): Promise<void> {
    const error = this.failing?.(changes) ?? null;
    if (error !== null) throw error;
    this.unflushed.push(...changes);
    if (!flush) return;
    const all = this.unflushed;
    this.unflushed = [];
    await this.inner.write(all, true);
  }

  async read(range: Range): Promise<Entry[]> {
    const entries = new Map<string, Buffer>(await this.inner.read({ gte: range.gte, lt: range.lt }));
    for (const change of this.unflushed) {
      if (change.key < range.gte || change.key >= range.lt) continue;
      if (change.type === "put") entries.set(change.key, Buffer.from(change.value));
      else entries.delete(change.key);
    }
    const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
    if (range.reverse) sorted.reverse();
    return sorted.slice(0, range.limit);
  }

  async keys(range: Range): Promise<string[]> {
    return (await this.read(range)).map(([key]) => key);
  }

  async compact(from: string, to: string): Promise<void> {
    await this.inner.compact(from, to);
  }
}
