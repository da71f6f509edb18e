/** What is due at some time, the soonest first: a binary heap that each of its items knows its place in. */

/** Something that is due once; a class of its own, so that putting it into a heap allocates nothing. */
export class Timed {
  /** Of the clock that never jumps; Infinity: never. */
  dueAt = Infinity;
  /** In the heap that it is in; -1: in none. */
  place = -1;
}

export class Deadlines<T extends Timed> {
  private readonly heap: T[] = [];

  /** When the soonest is due; Infinity when none is. */
  get next(): number {
    return this.heap.length > 0 ? this.heap[0].dueAt : Infinity;
  }

  get count(): number {
    return this.heap.length;
  }

  /** From now on due at `at`, whatever it was before; Infinity takes it out. */
  set(item: T, at: number): void {
    if (at === Infinity) return this.clear(item);
    if (item.place < 0) {
      item.dueAt = at;
      this.rise(item, this.heap.length);
      return;
    }
    const isLater = at > item.dueAt;
    item.dueAt = at;
    if (isLater) this.sink(item, item.place);
    else this.rise(item, item.place);
  }

  clear(item: T): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    item.dueAt = Infinity;
    const last = this.heap.pop()!;
    if (last === item) return;
    // What stood last may belong above or below the gap.
    this.rise(last, place);
    this.sink(last, last.place);
  }

  /** The soonest that is due at `now`, taken out; null when none is. */
  take(now: number): T | null {
    const { heap } = this;
    if (heap.length === 0 || heap[0].dueAt > now) return null;
    const [item] = heap;
    this.clear(item);
    return item;
  }

  private rise(item: T, from: number): void {
    const { heap } = this;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (heap[above].dueAt <= item.dueAt) break;
      this.put(heap[above], place);
      place = above;
    }
    this.put(item, place);
  }

  private sink(item: T, from: number): void {
    const { heap } = this;
    const { length } = heap;
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= length) break;
      if (below + 1 < length && heap[below + 1].dueAt < heap[below].dueAt) below++;
      if (heap[below].dueAt >= item.dueAt) break;
      this.put(heap[below], place);
      place = below;
    }
    this.put(item, place);
  }

  private put(item: T, place: number): void {
    this.heap[place] = item;
    item.place = place;
  }
}
