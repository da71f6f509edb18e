/** How often a component says that it is well: learned, since no heartbeat tells it (MoniQue MON3). */

/** As many gaps as tell one that was late, or two that came at once, from how it is. */
const GAPS = 5;
/** Faster ones are judged as if they had this rhythm: a busy machine is late by more than they are apart. */
const LEAST_MS = 2000;

export class Rhythm {
  private readonly gaps: number[] = [];
  private next = 0;
  private learned = 0;

  /** `configuredMs`: in place of what would be learned; 0: nothing is configured. */
  constructor(public configuredMs: number) {}

  /** Between two heartbeats, ms; 0 while it is not known. */
  get ms(): number {
    return this.configuredMs > 0 ? Math.max(LEAST_MS, this.configuredMs) : this.learned;
  }

  /** Time between the last two heartbeats. */
  learn(gapMs: number): void {
    this.gaps[this.next] = gapMs;
    this.next = (this.next + 1) % GAPS;
    this.learned = Math.max(LEAST_MS, median(this.gaps));
  }

  /** What it was before: it counts until five gaps were seen, as one of them. More than 0. */
  recall(ms: number): void {
    this.learn(ms);
  }
}

/** Of an even number the larger of the two in the middle: who is waited for too briefly is called late. */
function median(gaps: readonly number[]): number {
  const sorted = [...gaps].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
