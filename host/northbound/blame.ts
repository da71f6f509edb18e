/**
 * Whether a message that is not taken is one board's matter or everybody's. What is `Held` is its board's. Of another error
 * nobody can tell: a program that answers 500 may be broken, or trip over one message. So the others vouch: it is the
 * board's own when the same message fails again and again, and what others say is taken in between.
 */
import { Held } from "./sink.ts";

/** So many boards held in a row, each for a message that was taken before, are no sign that nothing is taken at all. */
const MOST_CREDIT = 8;
const STRIKES = 3;
/** What it takes to remember. */
const MOST_SUSPECTS = 256;

interface Suspect {
  n: number;
  strikes: number;
}

export class Blame {
  private credit = 0;
  /** By board. */
  private readonly suspects = new Map<string, Suspect>();

  /** Another connection: what the last one took says nothing. */
  clear(): void {
    this.credit = 0;
    this.suspects.clear();
  }

  /** Something was taken, and not everything since has failed. */
  get isAnythingTaken(): boolean {
    return this.credit > 0;
  }

  get hasSuspects(): boolean {
    return this.suspects.size > 0;
  }

  isSuspect(device: string): boolean {
    return this.suspects.has(device);
  }

  taken(device: string): void {
    this.credit = Math.min(this.credit + 1, MOST_CREDIT);
    this.suspects.delete(device);
  }

  held(): void {
    this.credit = Math.max(0, this.credit - 1);
  }

  /** A board's message `n` was not taken. `isAlone`: no other could vouch. -> whether that is the board's own matter */
  isOwn(device: string, n: number, error: unknown, isAlone: boolean): boolean {
    const before = this.suspects.get(device);
    this.suspects.delete(device);
    if (error instanceof Held) return true;
    const isVouchedFor = this.credit > 0 || isAlone;
    // What was taken until now may have been before whatever ails the other side.
    this.credit = 0;
    const strikes = (before?.n === n ? before.strikes : 0) + Number(isVouchedFor);
    if (strikes >= STRIKES) return true;
    this.suspects.set(device, { n, strikes });
    if (this.suspects.size > MOST_SUSPECTS) this.suspects.delete(this.suspects.keys().next().value!);
    return false;
  }
}
