/** Whoever waits for the end of a task. */
import type { Task } from "./task.ts";
import { viewTask } from "./task-view.ts";
import type { TaskView } from "./views.ts";

export class TaskWaiters {
  private readonly waiters = new Map<Task, ((view: TaskView) => void)[]>();

  /** Resolves with how it ended; rejects when `signal` says so. */
  whenEnded(task: Task, signal?: AbortSignal): Promise<TaskView> {
    if (task.hasEnded) return Promise.resolve(viewTask(task));
    task.isAwaited = true;
    return new Promise((resolve, reject) => {
      const waiters = this.waiters.get(task) ?? [];
      this.waiters.set(task, waiters);
      const onAbort = () => {
        waiters.splice(waiters.indexOf(onEnded), 1);
        if (waiters.length === 0) this.waiters.delete(task);
        reject(signal!.reason);
      };
      const onEnded = (view: TaskView) => {
        signal?.removeEventListener("abort", onAbort);
        resolve(view);
      };
      waiters.push(onEnded);
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  tell(task: Task): void {
    const waiters = this.waiters.get(task);
    if (waiters === undefined) return;
    this.waiters.delete(task);
    const view = viewTask(task);
    for (const onEnded of waiters) onEnded(view);
  }
}
