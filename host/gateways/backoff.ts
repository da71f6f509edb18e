/** How long to wait before the next try: decorrelated jitter, so that many who lost one gateway do not come back as one. */

/** The first wait at least, and any at most, ms (iotgw §9). */
const LEAST_MS = 1000;
const MOST_MS = 60_000;
/** A wait is at most so many times the one before. */
const GROWTH = 3;

export class Backoff {
  private last = LEAST_MS;

  /** `random`: 0…1. */
  constructor(private readonly random: () => number) {}

  /** ms until the next try. */
  next(): number {
    const upTo = Math.min(MOST_MS, this.last * GROWTH);
    this.last = LEAST_MS + this.random() * (upTo - LEAST_MS);
    return this.last;
  }

  /** What came of the last try was stable. */
  reset(): void {
    this.last = LEAST_MS;
  }
}
