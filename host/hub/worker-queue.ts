/**
 * The tasks of one spec that wait for a worker, and its workers: each has one task at a time, in turn.
 *
 * ```
 * add ─▶ WAITING ─pump─▶ a worker ─settle─▶ done
 *           ▲ by its number   │
 *           └── its connection closed, and it has not answered on another one since
 * ```
 *
 * A worker prefetches whatever it is sent, so what is sent beyond what it does now would be lost with it, or with the kill of
 * another task. What it had when it went is given again: at least once, and never to two that are both there.
 */
import type { Deadlines } from "./deadlines.ts";
import type { Task } from "./task.ts";
import { TaskList } from "./task-list.ts";
import { Worker } from "./worker.ts";

/** Its answer comes on another connection than the one that closed, and may be a little later. */
const ANSWER_GRACE_MS = 300;
/** A task that so many workers went with is an error and no loop. */
const MAX_TAKEDOWNS = 3;
/** A worker that has answered none of so many is given no more until it does. */
const MAX_UNANSWERED = 16;

export interface WorkerQueueEvents {
  /** Hands the task over; false: this worker takes nothing now. */
  send(worker: Worker, task: Task): boolean;
  onDelivered(task: Task, worker: Worker): void;
  /** Its time had come while it waited; it waits no more. */
  onOverdue(task: Task): void;
  /** Nothing was heard of it for as long as its spec has patience; its worker is given others. */
  onSilent(task: Task, worker: Worker): void;
  /** It waits again. */
  onReturned(task: Task): void;
  /** It waits no more, since it took down MAX_TAKEDOWNS workers. */
  onGivenUp(task: Task): void;
  /** It is to be stopped, and was with a worker that we sent away: it is given to nobody any more. */
  onStopped(task: Task): void;
  /** It had ended, and now no worker has it either. */
  onReleased(task: Task): void;
}

export class WorkerQueue {
  readonly waiting = new TaskList();
  readonly workers = new Set<Worker>();
  private readonly ready: Worker[] = [];
  private readonly doubtful: Worker[] = [];
  private isPumping = false;

  constructor(
    readonly spec: string,
    /** As it is configured now. */
    public patienceMs: number,
    private readonly events: WorkerQueueEvents,
    private readonly deadlines: Deadlines<Worker>,
    private readonly now: () => number,
  ) {}

  add(task: Task): void {
    this.waiting.push(task);
    this.pump();
  }

  /** It is given to nobody any more; false: a worker that is there has it. */
  withdraw(task: Task): boolean {
    if (task.list === this.waiting) {
      this.waiting.remove(task);
      return true;
    }
    if (task.worker?.state !== "gone") return false;
    this.takeFrom(task.worker, task);
    return true;
  }

  workerCame(key: number, address: string, creator: string): Worker {
    const worker = new Worker(key, address, this);
    worker.creator = creator;
    this.workers.add(worker);
    this.ready.push(worker);
    this.pump();
    return worker;
  }

  /** `isDismissed`: it was we who closed its connection. */
  workerWent(worker: Worker, isDismissed: boolean): void {
    this.workers.delete(worker);
    this.setState(worker, "gone");
    const [first] = worker.given;
    if (first === undefined) return;
    // What is to be stopped took it down because it was meant to.
    if (!isDismissed && !first.hasEnded && !first.isKilled) worker.doomed = first;
    this.deadlines.set(worker, this.now() + ANSWER_GRACE_MS);
  }

  /** It has ended, since somebody answered it or for another reason: its worker does it no more. */
  settle(task: Task): void {
    if (task.list === this.waiting) return this.waiting.remove(task);
    const { worker } = task;
    if (worker === null) return;
    const wasNewest = worker.given[worker.given.length - 1] === task;
    this.takeFrom(worker, task);
    // What it was sent after this one it begins now.
    if (worker.state === "busy" && !wasNewest) this.deadlines.set(worker, this.now() + this.patienceMs);
    else if (worker.state !== "gone") this.setState(worker, "ready");
    this.events.onReleased(task);
    this.pump();
  }

  /** The time of one of its workers has come. */
  workerDue(worker: Worker): void {
    if (worker.state === "gone") return this.takeBack(worker);
    const silent = worker.given[worker.given.length - 1];
    this.setState(worker, "doubtful");
    if (silent !== undefined) this.events.onSilent(silent, worker);
    this.pump();
  }

  /** What it had goes before all that came later. */
  private takeBack(worker: Worker): void {
    if (worker.doomed !== null) worker.doomed.takedowns++;
    for (const task of worker.given.splice(0)) {
      task.worker = null;
      if (task.hasEnded) this.events.onReleased(task);
      else if (task.isKilled) this.events.onStopped(task);
      else if (task.takedowns >= MAX_TAKEDOWNS) this.events.onGivenUp(task);
      else {
        this.waiting.insertInOrder(task);
        this.events.onReturned(task);
      }
    }
    this.pump();
  }

  private takeFrom(worker: Worker, task: Task): void {
    worker.given.splice(worker.given.indexOf(task), 1);
    task.worker = null;
    if (worker.state === "gone" && worker.given.length === 0) this.deadlines.clear(worker);
  }

  private pump(): void {
    // A task that ends within an event may bring the next.
    if (this.isPumping) return;
    this.isPumping = true;
    try {
      this.handOut();
    } finally {
      this.isPumping = false;
    }
  }

  private handOut(): void {
    for (let task = this.waiting.first; task !== null; task = this.waiting.first) {
      if (task.deadlineAt <= this.now()) {
        this.waiting.remove(task);
        this.events.onOverdue(task);
        continue;
      }
      const worker = this.ready.shift() ?? this.doubtful.shift();
      if (worker === undefined) break;
      this.deadlines.set(worker, this.now() + this.patienceMs);
      worker.state = "busy";
      if (this.events.send(worker, task)) this.give(worker, task);
    }
  }

  private give(worker: Worker, task: Task): void {
    this.waiting.remove(task);
    worker.given.push(task);
    task.worker = worker;
    task.deliveries++;
    this.events.onDelivered(task, worker);
  }

  private setState(worker: Worker, state: "ready" | "doubtful" | "gone"): void {
    if (worker.state === state) return;
    if (worker.state === "ready") this.ready.splice(this.ready.indexOf(worker), 1);
    if (worker.state === "doubtful") this.takeDoubtful(worker);
    worker.state = state;
    this.deadlines.clear(worker);
    if (state === "ready") this.ready.push(worker);
    if (state === "doubtful" && worker.given.length < MAX_UNANSWERED) this.doubtful.push(worker);
  }

  private takeDoubtful(worker: Worker): void {
    const at = this.doubtful.indexOf(worker);
    if (at >= 0) this.doubtful.splice(at, 1);
  }
}
