/** How fast a number grows: over the last minute, from samples. */

const SAMPLE_MS = 5000;
const SAMPLES = 12;

export class RateMeter {
  private readonly samples: { at: number; total: number }[] = [];
  private timer: NodeJS.Timeout | null = null;

  /** `total` only grows; `now` in ms, monotonic. */
  constructor(
    private readonly total: () => number,
    private readonly now: () => number,
  ) {}

  start(): void {
    this.sample();
    this.timer = setInterval(() => this.sample(), SAMPLE_MS);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** A second; 0 before anything was seen. */
  get perSecond(): number {
    const [first] = this.samples;
    if (first === undefined) return 0;
    const ms = this.now() - first.at;
    return ms > 0 ? ((this.total() - first.total) * 1000) / ms : 0;
  }

  private sample(): void {
    this.samples.push({ at: this.now(), total: this.total() });
    if (this.samples.length > SAMPLES) this.samples.shift();
  }
}
