/**
 * What is done about a port on which no board speaks, as a ladder: reopen the port, reset the board, rebind its USB device
 * (users 8, 9). Each step waits its time for an answer; above the top it begins again, ever more rarely.
 */

export type Step = "reopen" | "reset" | "rebind";

/** A port with nothing at its other end is tried so seldom in the long run that nobody notices. */
const LONGEST_WAIT_MS = 600_000;

/** A step that is due. */
export interface DueStep {
  step: Step;
  /** ms without a valid frame. */
  silentMs: number;
  /** The first time in this silence; later rounds are no news. */
  isFirst: boolean;
}

export class SilenceLadder {
  /** Steps taken so far. */
  readonly counts: Record<Step, number> = { reopen: 0, reset: 0, rebind: 0 };
  private rung = 0;
  private round = 0;
  /** Since when nothing was heard, and since when the last step has its chance. */
  private silentSince = 0;
  private waitingSince = 0;

  /** `steps` from the bottom up; none: silence is only told. `waitMs` is how long each waits for an answer. */
  constructor(
    private readonly steps: readonly Step[],
    private readonly waitMs: number,
  ) {}

  /** Steps were taken, and none has brought an answer yet. */
  get isClimbing(): boolean {
    return this.rung > 0 || this.round > 0;
  }

  /** A valid frame came, or the port was lost by itself and found again: silence counts from here. */
  begin(now: number): void {
    this.rung = 0;
    this.round = 0;
    this.silentSince = now;
    this.waitingSince = now;
  }

  /** The port is open again after a step. */
  resume(now: number): void {
    this.waitingSince = now;
  }

  /** The step to take now, counted as taken; undefined: wait on. */
  climb(now: number): DueStep | undefined {
    if (this.steps.length === 0 || now - this.waitingSince < this.patienceMs) return undefined;
    const step = this.steps[this.rung];
    const due = { step, silentMs: now - this.silentSince, isFirst: this.round === 0 };
    this.counts[step]++;
    this.waitingSince = now;
    this.rung = (this.rung + 1) % this.steps.length;
    if (this.rung === 0) this.round++;
    return due;
  }

  /** Doubled with every round. */
  private get patienceMs(): number {
    return Math.min(this.waitMs * 2 ** this.round, Math.max(this.waitMs, LONGEST_WAIT_MS));
  }
}

/** The steps that a configuration allows; with `always` the reopening resets already. */
export function stepsFor(options: {
  resetOnOpen: "never" | "always" | "if_silent";
  reopen: boolean;
  rebind: boolean;
}): Step[] {
  const steps: Step[] = [];
  if (options.reopen) steps.push("reopen");
  if (options.resetOnOpen === "if_silent") steps.push("reset");
  if (options.rebind) steps.push("rebind");
  return steps;
}
