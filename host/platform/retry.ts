/** The next try of what has failed: one timer, whose waits grow from try to try until one was good (backoff.ts). */
import { Backoff, type Waits } from "./backoff.ts";

export class Retry {
  private readonly backoff: Backoff;
  private timer: NodeJS.Timeout | null = null;

  /** `waits`: as they are now; `random`: 0…1. A wait keeps no process alive. */
  constructor(
    waits: () => Waits,
    private readonly onDue: () => void,
    random: () => number = Math.random,
  ) {
    this.backoff = new Backoff(waits, random);
  }

  get isWaiting(): boolean {
    return this.timer !== null;
  }

  /** It is tried again in a while, once, however often this is called before. */
  later(): void {
    this.stop();
    this.timer = setTimeout(() => {
      this.timer = null;
      this.onDue();
    }, this.backoff.next()).unref();
  }

  /** It is not tried again by itself. */
  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** A try was good: the next wait is a short one again. */
  reset(): void {
    this.backoff.reset();
  }
}
