/** A database in memory: what it holds dies with the process. */
import type { Change, Database, Entry, Range } from "./database.ts";

/** Keys of one kind, those that begin alike up to the first slash, in order. */
interface Shelf {
  keys: string[];
  /** Index in `keys` of the first one still held; what is before it was deleted from the front. */
  head: number;
}

export class MemoryDatabase implements Database {
  private readonly values = new Map<string, Buffer>();
  private readonly shelves = new Map<string, Shelf>();

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

  async keys(range: Range): Promise<string[]> {
    return this.within(range);
  }

  async compact(): Promise<void> {}

  private put(key: string, value: Uint8Array): void {
    if (!this.values.has(key)) {
      const shelf = this.shelf(key);
      const at = place(shelf, key);
      if (at === shelf.keys.length) shelf.keys.push(key);
      else shelf.keys.splice(at, 0, key);
    }
    // A copy: the bytes given are a part of a larger buffer, which would be held with them.
    this.values.set(key, Buffer.from(value));
  }

  private remove(key: string): void {
    if (!this.values.delete(key)) return;
    const shelf = this.shelf(key);
    const at = place(shelf, key);
    if (at !== shelf.head) shelf.keys.splice(at, 1);
    else if (++shelf.head > 1024 && shelf.head * 2 > shelf.keys.length) {
      shelf.keys.splice(0, shelf.head);
      shelf.head = 0;
    }
  }

  private within({ gte, lt, limit = Infinity, reverse = false }: Range): string[] {
    const found: string[] = [];
    const kinds = [...this.shelves.keys()].sort();
    for (const kind of reverse ? kinds.reverse() : kinds) {
      const shelf = this.shelves.get(kind)!;
      const from = place(shelf, gte);
      const to = place(shelf, lt);
      const room = limit - found.length;
      const keys = reverse
        ? shelf.keys.slice(Math.max(from, to - room), to).reverse()
        : shelf.keys.slice(from, Math.min(to, from + room));
      if (found.length === 0 && keys.length === room) return keys;
      for (const key of keys) found.push(key);
      if (found.length >= limit) break;
    }
    return found;
  }

  private shelf(key: string): Shelf {
    const kind = key.slice(0, key.indexOf("/") + 1);
    let shelf = this.shelves.get(kind);
    if (shelf === undefined) {
      shelf = { keys: [], head: 0 };
      this.shelves.set(kind, shelf);
    }
    return shelf;
  }
}

/** Index of `key` among the shelf's, or where it would stand. Most keys are new and the highest. */
function place({ keys, head }: Shelf, key: string): number {
  let low = head;
  let high = keys.length;
  if (high > low && keys[high - 1] < key) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
