/** So much at once, then so much a millisecond. */
export class TokenBucket {
  private tokens: number;
  private at = -Infinity;

  constructor(
    private readonly most: number,
    private readonly perMs: number,
  ) {
    this.tokens = most;
  }

  has(count: number, now: number): boolean {
    if (now > this.at) {
      if (this.at !== -Infinity)
        this.tokens = Math.min(this.most, this.tokens + (now - this.at) * this.perMs);
      this.at = now;
    }
    return this.tokens >= count;
  }

  take(count: number, now: number): boolean {
    if (!this.has(count, now)) return false;
    this.tokens -= count;
    return true;
  }

  /** Earned otherwise than by time. */
  give(count: number): void {
    this.tokens = Math.min(this.most, this.tokens + count);
  }
}
