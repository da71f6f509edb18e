/** Steps taken one after the other, and undone in the reverse order: what was started last is stopped first. */

export interface Step {
  /** As in "starting the listener". */
  name: string;
  start?(): unknown;
  /** Also of a start that failed half-way. */
  stop?(): unknown;
  /** Its end takes its time and nothing else has to wait for it: what is below is stopped meanwhile. */
  endsSlowly?: boolean;
}

export class Steps {
  private readonly taken: Step[] = [];

  constructor(private readonly steps: readonly Step[]) {}

  /** Rejects with what a step fails of, once all that was begun is stopped again. */
  async start(): Promise<void> {
    for (const step of this.steps) {
      this.taken.push(step);
      try {
        await step.start?.();
      } catch (error) {
        await this.stop().catch(() => {}); // why it was not started says more
        throw error;
      }
    }
  }

  /** Each, whatever becomes of the others; rejects with the first failure. What was not begun is left alone. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    const slow: Promise<void>[] = [];
    for (const step of this.taken.splice(0).reverse()) {
      const ended = stopped(step, failures);
      if (step.endsSlowly) slow.push(ended);
      else await ended;
    }
    await Promise.all(slow);
    if (failures.length > 0) throw failures[0];
  }
}

async function stopped({ stop }: Step, failures: unknown[]): Promise<void> {
  try {
    await stop?.();
  } catch (error) {
    failures.push(error);
  }
}
