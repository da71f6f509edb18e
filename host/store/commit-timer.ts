/**
 * When the next commit begins: at the end of this turn of the event loop, so that what came on other connections shares
 * its flush; and while commits follow each other, a while after the one before, so that the messages of many boards do.
 */

export class CommitTimer {
  private lastAt = -Infinity;
  private turn: NodeJS.Immediate | null = null;
  private delay: NodeJS.Timeout | null = null;

  constructor(
    /** The least time between the beginnings of two commits, ms, unless one cannot wait. */
    private readonly delayMs: number,
    private readonly begin: () => void,
  ) {}

  /** There is something to commit. Called again it can only come earlier. */
  set(canWait: boolean): void {
    if (this.turn !== null || (canWait && this.delay !== null)) return;
    const wait = canWait ? this.lastAt + this.delayMs - performance.now() : 0;
    if (wait > 0) {
      this.delay = setTimeout(() => this.fire(), wait);
      return;
    }
    if (this.delay !== null) clearTimeout(this.delay);
    this.delay = null;
    this.turn = setImmediate(() => this.fire());
  }

  get isSet(): boolean {
    return this.turn !== null || this.delay !== null;
  }

  private fire(): void {
    this.turn = null;
    this.delay = null;
    this.begin();
  }

  /** A commit is being written, whoever asked for it. */
  began(): void {
    this.lastAt = performance.now();
  }
}
