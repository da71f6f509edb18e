/** Messages that were not passed on: counted by reason, and told in the log once a minute at most. */
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";

/** Of one reason: a component that says the same wrong thing a thousand times a second is one line a minute. */
const PAUSE_MS = 60_000;

export class Drops {
  readonly counts: Record<string, number> = {};
  private readonly told = new Map<string, { at: number; count: number }>();

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  /** `text`: what was seen; it is made up only when it is told. `from`: an address. */
  count(reason: string, from: string, text: () => string): void {
    const count = (this.counts[reason] ?? 0) + 1;
    this.counts[reason] = count;
    const now = this.clock.now();
    const told = this.told.get(reason);
    if (told !== undefined && now - told.at < PAUSE_MS) return;
    this.told.set(reason, { at: now, count });
    const times = count - (told?.count ?? 0);
    this.log.warn({ via: `monique ${from}`, code: reason, times }, `a message was not passed on: ${text()}`);
  }
}
