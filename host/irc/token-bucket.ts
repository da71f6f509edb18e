/** How fast we may speak: some lines at once, and then so many a second, before a server takes us for a flood. */

/** So much is lost to rounding: a token is there at the moment that readyAt() named. */
const ONE = 1 - 1e-9;

export class TokenBucket {
  private tokens: number;
  private at: number;

  constructor(
    private readonly burst: number,
    private readonly perS: number,
    now: number,
  ) {
    this.tokens = burst;
    this.at = now;
  }

  /** Takes one if there is one. */
  take(now: number): boolean {
    this.fill(now);
    if (this.tokens < ONE) return false;
    this.tokens--;
    return true;
  }

  /** For what has been said already. */
  spend(now: number): void {
    this.fill(now);
    this.tokens--;
  }

  /** When there is one, with `spare` beside it. */
  readyAt(now: number, spare = 0): number {
    this.fill(now);
    const missing = spare + 1 - this.tokens;
    return missing <= 1 - ONE ? now : now + (missing / this.perS) * 1000;
  }

  private fill(now: number): void {
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.at) / 1000) * this.perS);
    this.at = now;
  }
}
