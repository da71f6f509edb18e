/** The hub's one timer, for what is due first. One that is early finds nothing to do. */
import type { Clock } from "../platform/clock.ts";

/** What has something due at some time. */
export interface Ticked {
  readonly deadline: number;
  tick(): void;
}

/** A timer is not set further ahead: none may overflow. */
const MAX_TIMER_MS = 3_600_000;

export class CoreTimer {
  private timer: NodeJS.Timeout | null = null;
  private at = Infinity;

  constructor(
    private readonly core: Ticked,
    private readonly clock: Clock,
  ) {}

  /** To be called after whatever may have made something due earlier. */
  arm(): void {
    const at = this.core.deadline;
    if (at >= this.at) return;
    if (this.timer !== null) clearTimeout(this.timer);
    const delay = Math.min(MAX_TIMER_MS, Math.max(1, Math.ceil(at - this.clock.now())));
    this.at = at;
    this.timer = setTimeout(() => {
      this.at = Infinity;
      this.core.tick();
      this.arm();
    }, delay).unref();
  }

  /** For good. */
  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.at = -Infinity;
  }
}
