/** The worker of one board, sim-1, of a test: notes what it is given, and answers when it is told to. */
import type { LocalKill, LocalTask, LocalTaskEvents, LocalWorkers } from "../local-workers.ts";

export class TestBoards implements LocalWorkers {
  readonly given: { task: LocalTask; events: LocalTaskEvents }[] = [];
  readonly killed: string[] = [];
  /** What comes of a kill, once it is told. */
  how: LocalKill | Error = "withdrawn";
  isTold: Promise<void> = Promise.resolve();

  accepts(spec: string): boolean {
    return spec === "bowline_sim-1";
  }

  refusal(spec: string): string | undefined {
    return spec === "bowline_sim-9" ? "no such board" : undefined;
  }

  names(): ReadonlySet<string> {
    return new Set(["bowline_sim-1"]);
  }

  run(task: LocalTask, events: LocalTaskEvents): void {
    this.given.push({ task, events });
  }

  async kill(id: string): Promise<LocalKill> {
    this.killed.push(id);
    await this.isTold;
    if (this.how instanceof Error) throw this.how;
    return this.how;
  }
}
