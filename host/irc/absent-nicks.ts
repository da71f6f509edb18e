/** Nicks that a server has refused a line to: nothing is said to them until they are seen again, or for a while. */

/** ms. */
const HOLD_MS = 60_000;
/** More are forgotten, the oldest first. */
const MAX_NICKS = 256;

export class AbsentNicks {
  private readonly until = new Map<string, number>();

  constructor(private readonly fold: (name: string) => string) {}

  add(nick: string, now: number): void {
    this.until.delete(this.fold(nick));
    if (this.until.size >= MAX_NICKS) this.until.delete(this.until.keys().next().value!);
    this.until.set(this.fold(nick), now + HOLD_MS);
  }

  has(nick: string): boolean {
    return this.until.has(this.fold(nick));
  }

  /** -> whether it was held. */
  seen(nick: string): boolean {
    return this.until.size > 0 && this.until.delete(this.fold(nick));
  }

  get deadline(): number {
    // Insertion order is order of time.
    return this.until.values().next().value ?? Number.POSITIVE_INFINITY;
  }

  tick(now: number): void {
    for (const [nick, until] of this.until) if (until <= now) this.until.delete(nick);
  }

  clear(): void {
    this.until.clear();
  }
}
