/**
 * The time a store has been open, over all its processes: what the age of a message is counted in.
 *
 * No wall clock: one that is wrong by years at the start, or set right by years afterwards, must not empty the store
 * (session D15). While the gateway is not running, nothing ages.
 */
export class StoreClock {
  private before = 0;
  private since: number;

  /** `now`: ms, monotonic. */
  constructor(private readonly now: () => number) {
    this.since = now();
  }

  /** The store was last written when it had been open for `age` ms. */
  load(age: number): void {
    this.before = age;
    this.since = this.now();
  }

  get age(): number {
    return this.before + this.now() - this.since;
  }
}
