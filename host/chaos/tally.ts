/**
 * Counts numbered messages where they arrive, 1 upwards: which came, which came again, which came after a later one,
 * which were not what was sent.
 */

const FIRST_BYTES = 1024;

export class Tally {
  /** Different numbers that came. */
  delivered = 0;
  repeated = 0;
  reordered = 0;
  corrupted = 0;
  /** The highest number that came. */
  highest = 0;
  /** A bit a number. */
  private seen = new Uint8Array(FIRST_BYTES);

  /** Message `i` came; `isIntact`: it holds what was sent. */
  take(i: number, isIntact: boolean): void {
    if (!isIntact) this.corrupted++;
    // A number that nobody can have sent is damage, whatever else it would say.
    if (!Number.isSafeInteger(i) || i < 1 || i > MOST) {
      if (isIntact) this.corrupted++;
      return;
    }
    if (this.has(i)) {
      this.repeated++;
      return;
    }
    if (i < this.highest) this.reordered++;
    else this.highest = i;
    this.mark(i);
    this.delivered++;
  }

  has(i: number): boolean {
    return (this.seen[i >> 3] & (1 << (i & 7))) !== 0;
  }

  /** How many of 1…last did not come. */
  missing(last: number): number {
    if (last >= this.highest) return last - this.delivered;
    let count = 0;
    for (let i = 1; i <= last; i++) if (!this.has(i)) count++;
    return count;
  }

  private mark(i: number): void {
    if (i >> 3 >= this.seen.length) {
      const larger = new Uint8Array(2 * (i >> 3) + FIRST_BYTES);
      larger.set(this.seen);
      this.seen = larger;
    }
    this.seen[i >> 3] |= 1 << (i & 7);
  }
}

/** More than a run sends; a number above would only cost memory. */
const MOST = 2 ** 30;
