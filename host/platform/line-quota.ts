/** Bounds how many lines a source that others control may write to the log. */

export class LineQuota {
  private windowStart = -Infinity;
  private taken = 0;
  private held = 0;

  constructor(
    private readonly lines: number,
    private readonly windowMs: number,
  ) {}

  /** Whether a line may be written at `now` (ms); then `suppressed` lines before it were not. */
  take(now: number): { suppressed: number } | null {
    if (now - this.windowStart >= this.windowMs) {
      this.windowStart = now;
      this.taken = 0;
    }
    if (this.taken >= this.lines) {
      this.held++;
      return null;
    }
    this.taken++;
    const suppressed = this.held;
    this.held = 0;
    return { suppressed };
  }
}
