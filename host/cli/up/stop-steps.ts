/** What was started, stopped again: the last first, each whatever becomes of the others, all of it within a bound. */
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { within } from "../../platform/within.ts";

/** For all of them; what goes on until then is the hand-over to systems that take their time (host/northbound). */
const STOP_MS = 8000;
/** For each of those that come behind one that took it all: the store, last of them, is to be closed in order. */
const LEAST_STEP_MS = 1500;

export class StopSteps {
  private readonly steps: { name: string; stop: () => Promise<void> }[] = [];

  constructor(
    private readonly stopMs: number = STOP_MS,
    private readonly leastStepMs: number = LEAST_STEP_MS,
  ) {}

  /** `name` as in "stopping the store". */
  push(name: string, stop: () => Promise<void>): void {
    this.steps.push({ name, stop });
  }

  /** Rejects with the first failure once all have been stopped or, STOP_TIMEOUT, left. */
  async run(): Promise<void> {
    const began = performance.now();
    const failures: unknown[] = [];
    for (const { name, stop } of this.steps.splice(0).reverse()) {
      const left = Math.max(this.leastStepMs, this.stopMs - (performance.now() - began));
      const ended = stop().then(
        () => true,
        (error: unknown) => failures.push(error) > 0,
      );
      if ((await within(left, ended)) === undefined) failures.push(leftError(name, left));
    }
    if (failures.length > 0) throw failures[0];
  }
}

function leftError(name: string, ms: number): BowlineError {
  const text = `stopping ${name}: not ended within ${Math.round(ms / 1000)} s, and left; what was acknowledged is in the store`;
  return new BowlineError("STOP_TIMEOUT", text, ExitCode.timeout);
}
