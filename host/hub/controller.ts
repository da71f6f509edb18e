/** The controller: for each spec that has workers, who of them gets which task; and what may wait for them in all. */
import { Deadlines } from "./deadlines.ts";
import type { TaskLimits } from "./hub-settings.ts";
import type { Task } from "./task.ts";
import type { Worker } from "./worker.ts";
import { WorkerQueue, type WorkerQueueEvents } from "./worker-queue.ts";

/** Of all specs, since they share the memory; bytes are those of tags and bodies. */
const defaultLimits: TaskLimits = { tasks: 10_000, bytes: 64 << 20 };

export interface ServedSpec {
  spec: string;
  patienceMs: number;
}

export class Controller {
  private readonly queues = new Map<string, WorkerQueue>();
  private readonly served = new Set<string>();
  private readonly deadlines = new Deadlines<Worker>();
  /** With what each took when it came. */
  private readonly held = new Map<Task, number>();
  private bytes = 0;
  limits = defaultLimits;

  constructor(
    private readonly events: WorkerQueueEvents,
    private readonly now: () => number,
  ) {}

  /**
   * From now on these specs have workers. What waits for one that is no longer among them goes on waiting: who takes it
   * out of the configuration by mistake loses nothing.
   */
  configure(specs: readonly ServedSpec[], limits = defaultLimits): void {
    this.limits = limits;
    this.served.clear();
    for (const { spec, patienceMs } of specs) {
      this.served.add(spec);
      this.queueOf(spec).patienceMs = patienceMs;
    }
  }

  serves(spec: string): boolean {
    return this.served.has(spec);
  }

  /** Whether there is room for one more task of so many bytes. */
  hasRoom(bytes: number): boolean {
    if (this.held.size === 0) return true;
    return this.held.size < this.limits.tasks && this.bytes + bytes <= this.limits.bytes;
  }

  /** Takes a task that is to be done by one worker; the room it needs is asked for before. */
  add(task: Task): void {
    this.hold(task);
    this.queueOf(task.spec).add(task);
  }

  /** Counts a task that others do as well, and bounds it likewise. */
  hold(task: Task): void {
    this.held.set(task, task.size);
    this.bytes += task.size;
  }

  /** Whoever has it may still answer, but the hub needs nothing of it any more. */
  release(task: Task): void {
    const size = this.held.get(task);
    if (size === undefined) return;
    this.held.delete(task);
    this.bytes -= size;
  }

  /** It is answered or stopped: its worker is free. */
  settle(task: Task): void {
    this.release(task);
    this.queues.get(task.spec)?.settle(task);
  }

  /** It waits no more; false: it did not wait. */
  withdraw(task: Task): boolean {
    return this.queues.get(task.spec)?.withdraw(task) ?? false;
  }

  workerCame(spec: string, key: number, address: string, creator: string): Worker {
    return this.queueOf(spec).workerCame(key, address, creator);
  }

  workerWent(worker: Worker, isDismissed: boolean): void {
    worker.queue.workerWent(worker, isDismissed);
  }

  /** Of one spec: tasks that wait, and workers. */
  countsOf(spec: string): { waiting: number; workers: number } {
    const { waiting, workers } = this.queueOf(spec);
    return { waiting: waiting.count, workers: workers.size };
  }

  /** Tasks that wait or are with somebody, and what they take. */
  get fill(): { tasks: number; bytes: number } {
    return { tasks: this.held.size, bytes: this.bytes };
  }

  get deadline(): number {
    return this.deadlines.next;
  }

  tick(): void {
    const now = this.now();
    for (let worker = this.deadlines.take(now); worker !== null; worker = this.deadlines.take(now))
      worker.queue.workerDue(worker);
  }

  private queueOf(spec: string): WorkerQueue {
    let queue = this.queues.get(spec);
    if (queue === undefined) {
      queue = new WorkerQueue(spec, DEFAULT_PATIENCE_MS, this.events, this.deadlines, this.now);
      this.queues.set(spec, queue);
    }
    return queue;
  }
}

/** Of a spec that is not configured at present. */
const DEFAULT_PATIENCE_MS = 300_000;
