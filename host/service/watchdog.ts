/**
 * The watchdog of systemd, which kills and starts anew a gateway that has not beaten for WATCHDOG_USEC.
 *
 * A gateway that hangs is one of these, and each of them leaves its beat out:
 *
 *   the event loop turns no more: a loop without end, a call that blocks. The timer below never fires.
 *   it turns, and a write never comes back from the database (a thread that waits for ever): boards are not acknowledged,
 *   their buffers fill, and no error is told. What is asked of the store waits behind that write.
 *
 * A store that *fails*, a disk that is full, is none: that is told in words, and a new start would mend nothing. Neither
 * is a port, a broker or a gateway that is away.
 */

/** A beat at half the time: one may come late. */
const BEATS = 2;
const US_PER_MS = 1000;

type Environment = Readonly<Record<string, string | undefined>>;

/** ms between two beats; null where systemd watches nothing, or another process. */
export function beatInterval({ WATCHDOG_USEC, WATCHDOG_PID }: Environment, pid: number): number | null {
  const us = Number(WATCHDOG_USEC);
  if (!Number.isFinite(us) || us <= 0) return null;
  if (WATCHDOG_PID && Number(WATCHDOG_PID) !== pid) return null;
  return Math.max(1, Math.floor(us / US_PER_MS / BEATS));
}

export interface Watched {
  /** Resolves or rejects once the store has answered: that it fails is an answer. */
  askStore(): Promise<unknown>;
  beat(): void;
  /** It does not beat: the store has not answered since the last one. */
  onSilence(): void;
}

export class Watchdog {
  private timer: NodeJS.Timeout | undefined;
  private isAsking = false;

  constructor(
    private readonly intervalMs: number,
    private readonly watched: Watched,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.look(), this.intervalMs).unref();
    this.look();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    if (this.isAsking) return this.watched.onSilence();
    this.isAsking = true;
    const answered = () => {
      this.isAsking = false;
      if (this.timer !== undefined) this.watched.beat();
    };
    // A store that refuses has answered, and says why elsewhere.
    this.watched.askStore().then(answered, answered);
  }
}
