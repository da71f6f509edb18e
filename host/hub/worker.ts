/** One worker of a controller: a PULL connection, and the tasks that were given to it. */
import { Timed } from "./deadlines.ts";
import type { Task } from "./task.ts";
import type { WorkerQueue } from "./worker-queue.ts";

/**
 * ready: answered what it was given, or was given nothing yet; busy: has a task and time for it; doubtful: its time is over,
 * so it is given more, but only when nobody is ready; gone: its connection closed.
 */
export type WorkerState = "ready" | "busy" | "doubtful" | "gone";

export class Worker extends Timed {
  state: WorkerState = "ready";
  /** Who it says it is, or whom its answers came from; "" as long as it did neither. */
  creator = "";
  /** What it was given and has not answered, oldest first; the newest is what it has time for. */
  readonly given: Task[] = [];
  /** What it was doing when it went. */
  doomed: Task | null = null;

  constructor(
    /** Of its connection, ever higher. */
    readonly key: number,
    readonly address: string,
    readonly queue: WorkerQueue,
  ) {
    super();
  }
}
