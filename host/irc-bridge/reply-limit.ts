/** How often one stranger is told something: a few lines at once, then one now and then, and silence after that. */

interface Purse {
  tokens: number;
  at: number;
  /** Refused since it was full last, and told so. */
  isTold: boolean;
  isRaised: boolean;
}

const BURST = 6;
/** ms for each further one. */
const REFILL_MS = 10_000;
/** The same for who has proved who they are. */
const RAISED_BURST = 30;
const RAISED_REFILL_MS = 1000;
/** Strangers remembered; more of them share what is left. */
const MAX_ASKERS = 1000;
const OTHERS = "";

export class ReplyLimit {
  refused = 0;
  private readonly purses = new Map<string, Purse>();

  /** Whether `asker` is told something more at `now`, ms. */
  take(asker: string, now: number): boolean {
    const purse = this.purseOf(asker, now);
    fill(purse, now);
    if (purse.tokens < 1) {
      this.refused++;
      return false;
    }
    purse.tokens--;
    return true;
  }

  /** Whether `asker`, who was refused just now, is to be told so: once until they have rested. */
  isNews(asker: string): boolean {
    const purse = this.purses.get(asker);
    if (purse === undefined || purse.tokens >= 1 || purse.isTold) return false;
    purse.isTold = true;
    return true;
  }

  /** `asker` has proved who they are; false: that is known already. */
  raise(asker: string): boolean {
    const purse = this.purses.get(asker);
    if (purse === undefined || purse.isRaised) return false;
    purse.isRaised = true;
    purse.isTold = false;
    purse.tokens += RAISED_BURST - BURST;
    return true;
  }

  private purseOf(asker: string, now: number): Purse {
    const known = this.purses.get(asker);
    if (known !== undefined) return known;
    if (this.purses.size >= MAX_ASKERS) this.forgetRested(now);
    const name = this.purses.size >= MAX_ASKERS ? OTHERS : asker;
    const purse = this.purses.get(name) ?? { tokens: BURST, at: now, isTold: false, isRaised: false };
    this.purses.set(name, purse);
    return purse;
  }

  private forgetRested(now: number): void {
    for (const [asker, purse] of this.purses) if (fill(purse, now)) this.purses.delete(asker);
  }
}

/** -> whether it is full. */
function fill(purse: Purse, now: number): boolean {
  const [burst, refillMs] = purse.isRaised ? [RAISED_BURST, RAISED_REFILL_MS] : [BURST, REFILL_MS];
  purse.tokens = Math.min(burst, purse.tokens + (now - purse.at) / refillMs);
  purse.at = now;
  if (purse.tokens < burst) return false;
  purse.isTold = false;
  return true;
}
