/** What is over behind a cursor, by its number, until the cursor passes it. */

interface Over<Owner> {
  /** It is so from its number to the one before this. */
  end: number;
  /** Given up by the store before they were handed on. */
  missed?: number;
  /** Never taken by the other side. */
  refused?: number;
  /** Somebody else's to hand on, who has not done so yet. */
  owner?: Owner;
}

export class OverBook<Owner> {
  private readonly entries = new Map<number, Over<Owner>>();

  get size(): number {
    return this.entries.size;
  }

  has(n: number): boolean {
    return this.entries.has(n);
  }

  /** The first word about a message counts. */
  set(n: number, over: Omit<Over<Owner>, "end"> = {}): void {
    if (!this.entries.has(n)) this.entries.set(n, { end: n + 1, ...over });
  }

  /** Its owner has handed it on. */
  disown(n: number): void {
    const entry = this.entries.get(n);
    if (entry !== undefined) entry.owner = undefined;
  }

  /** The store has given up what is not known to be over there. -> how many, that were not known before */
  miss(from: number, to: number): number {
    const known = [...this.entries.keys()].filter((n) => n >= from && n < to).sort((a, b) => a - b);
    let [at, count] = [from, 0];
    const missTo = (end: number) => {
      if (end > at) {
        this.entries.set(at, { end, missed: end - at });
        count += end - at;
      }
    };
    for (const n of known) {
      missTo(n);
      at = Math.max(at, this.entries.get(n)!.end);
    }
    missTo(to);
    return count;
  }

  /** What is over from `n` on without a gap, taken out. */
  *pass(n: number): Generator<[n: number, over: Over<Owner>]> {
    for (let over = this.entries.get(n); over !== undefined; over = this.entries.get(n)) {
      this.entries.delete(n);
      yield [n, over];
      n = over.end;
    }
  }
}
