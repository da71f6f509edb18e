/** How often one stranger is told something: a few lines at once, then one now and then, and silence after that. */

interface Purse {
  tokens: number;
  at: number;
}

const BURST = 6;
/** ms for each further one. */
const REFILL_MS = 10_000;
/** Strangers remembered; more of them share what is left. */
const MAX_ASKERS = 1000;
const OTHERS = "";

export class ReplyLimit {
  refused = 0;
  private readonly purses = new Map<string, Purse>();

  /** Whether `asker` is told something more at `now`, ms. */
  take(asker: string, now: number): boolean {
    const purse = this.purseOf(asker, now);
    purse.tokens = Math.min(BURST, purse.tokens + (now - purse.at) / REFILL_MS);
    purse.at = now;
    if (purse.tokens < 1) {
      this.refused++;
      return false;
    }
    purse.tokens--;
    return true;
  }

  private purseOf(asker: string, now: number): Purse {
    const known = this.purses.get(asker);
    if (known !== undefined) return known;
    if (this.purses.size >= MAX_ASKERS) this.forgetRested(now);
    const name = this.purses.size >= MAX_ASKERS ? OTHERS : asker;
    const purse = this.purses.get(name) ?? { tokens: BURST, at: now };
    this.purses.set(name, purse);
    return purse;
  }

  private forgetRested(now: number): void {
    for (const [asker, { tokens, at }] of this.purses)
      if (tokens + (now - at) / REFILL_MS >= BURST) this.purses.delete(asker);
  }
}
