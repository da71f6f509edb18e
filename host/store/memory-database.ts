/** A database in memory: what it holds dies with the process. */
import type { Change, Database, Entry, Range, Snapshot } from "./database.ts";
import { SortedKeys } from "./sorted-keys.ts";

export class MemoryDatabase implements Database {
  private readonly values = new Map<string, Buffer>();
  private readonly order = new SortedKeys();

  async open(): Promise<void> {}

  async reopen(): Promise<void> {}

  async close(): Promise<void> {}

  async write(changes: Change[]): Promise<void> {
    for (const change of changes) {
      if (change.type === "put") this.put(change.key, change.value);
      else this.remove(change.key);
    }
  }

  async read(range: Range): Promise<Entry[]> {
    return this.within(range).map((key) => [key, this.values.get(key)!]);
  }

  async get(keys: string[]): Promise<(Buffer | undefined)[]> {
    return keys.map((key) => this.values.get(key));
  }

  async keys(range: Range): Promise<string[]> {
    return this.within(range);
  }

  all(): Snapshot {
    return piecesOf(this.order.range("", "\uffff", Infinity).map((key) => [key, this.values.get(key)!]));
  }

  async compact(): Promise<void> {}

  private put(key: string, value: Uint8Array): void {
    if (!this.values.has(key)) this.order.add(key);
    // A copy: the bytes given are a part of a larger buffer, which would be held with them.
    this.values.set(key, Buffer.from(value));
  }

  private remove(key: string): void {
    if (this.values.delete(key)) this.order.remove(key);
  }

  private within({ gte, lt, limit = Infinity, reverse = false }: Range): string[] {
    return reverse ? this.order.rangeFromEnd(gte, lt, limit) : this.order.range(gte, lt, limit);
  }
}

const AT_ONCE = 1000;

/** Entries that are in memory, as all() gives them. */
export function piecesOf(found: Entry[] | Promise<Entry[]>): Snapshot {
  const pieces = cut(found);
  return { [Symbol.asyncIterator]: () => pieces, close: async () => {} };
}

async function* cut(found: Entry[] | Promise<Entry[]>): AsyncGenerator<Entry[], undefined> {
  const entries = await found;
  for (let at = 0; at < entries.length; at += AT_ONCE) yield entries.slice(at, at + AT_ONCE);
}
