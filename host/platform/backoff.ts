/** How long to wait before the next try: decorrelated jitter, so that many who lost one server do not come back as one. */

/** The first wait at least, and any at most, ms (iotgw §9: 1…60 s; IRC: 5…300 s). */
export interface Waits {
  leastMs: number;
  mostMs: number;
}

/** A wait is at most so many times the one before. */
const GROWTH = 3;

export class Backoff {
  /** 0: none since it was stable. */
  private last = 0;

  /** `waits`: as they are configured now; `random`: 0…1. */
  constructor(
    private readonly waits: () => Waits,
    private readonly random: () => number,
  ) {}

  /** ms until the next try. */
  next(): number {
    const { leastMs, mostMs } = this.waits();
    const upTo = Math.min(mostMs, Math.max(leastMs, this.last) * GROWTH);
    this.last = leastMs + this.random() * Math.max(0, upTo - leastMs);
    return this.last;
  }

  /** What came of the last try was stable. */
  reset(): void {
    this.last = 0;
  }
}
