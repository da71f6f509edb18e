/**
 * Every task that was heard of, from its coming until it has ended and others need the room.
 *
 * Those that nobody was given in particular are only as good as what was heard of them: they are silent after a while, and
 * are the first to go when too many of them are open. What waits for a worker, or is with one, never goes: its number is
 * bounded where it waits (controller.ts).
 */
import { ErrorCode } from "../monique/codes.ts";
import type { Clock } from "../platform/clock.ts";
import { Deadlines } from "./deadlines.ts";
import { Task, type TaskAnswer, type TaskFields, type TaskWay } from "./task.ts";
import { TaskList } from "./task-list.ts";
import type { TaskState } from "./views.ts";

/** As many as a person looks through, and enough to tell a repeat of an hour of two a second. */
const MAX_ENDED = 10_000;
/** What the answers of those take, in bytes. */
const MAX_ENDED_BYTES = 16 << 20;
/** Published tasks that nobody has answered: of a speaker that nobody answers, an hour of three a second. */
const MAX_OPEN = 10_000;
/** What nobody was given in particular is silent after as long as a controller's is by default. */
const PATIENCE_MS = 300_000;
/** Children that are told of one task. */
const MAX_CHILDREN = 1000;
/** A deadline further away is none: no timer, and no clock, is trusted that far. */
const FARTHEST_MS = 10 * 365 * 86_400_000;

export interface RegistryEvents {
  onChanged(task: Task): void;
  /** It has ended, and nobody forgets it before this returns. */
  onEnded(task: Task): void;
  /** It had ended, or nobody was given it in particular, and others need its room. */
  onForgotten(task: Task): void;
  /** Its time is over, and nothing was heard of its end. */
  onOverdue(task: Task): void;
  /** It was published, and nobody has answered it for as long as anybody has patience. */
  onSilent(task: Task): void;
}

export class TaskRegistry {
  private readonly tasks = new Map<string, Task>();
  /** Published, not answered, not yet silent; then silent; then ended: each oldest first. */
  private readonly open = new TaskList();
  private readonly silent = new TaskList();
  private readonly ended = new TaskList();
  private endedBytes = 0;
  private readonly deadlines = new Deadlines<Task>();
  private nextNumber = 1;

  constructor(
    private readonly clock: Clock,
    private readonly events: RegistryEvents,
  ) {}

  get count(): number {
    return this.tasks.size;
  }

  get(id: string): Task | undefined {
    return this.tasks.get(id);
  }

  /** In the order in which they came. */
  all(): IterableIterator<Task> {
    return this.tasks.values();
  }

  /** One that is not known. `number`: of one that was kept; those that come from now on have higher ones. `state`: of one that had ended. */
  add(fields: TaskFields, way: TaskWay, number = this.nextNumber, state: TaskState = "queued"): Task {
    if (this.tasks.has(fields.id)) throw new RangeError(`task ${fields.id} is registered a second time`);
    const [now, wall] = [this.clock.now(), this.clock.wall()];
    const task = new Task(fields, number, way, now, wall);
    this.nextNumber = Math.max(this.nextNumber, number + 1);
    this.tasks.set(task.id, task);
    this.tellParent(task);
    task.state = state;
    if (task.hasEnded) return task;
    const { expiresAt } = task;
    // How long it still has is asked once: a wall clock that is put right later changes nothing.
    if (expiresAt > 0 && expiresAt - wall < FARTHEST_MS) {
      task.deadlineAt = now + expiresAt - wall;
      this.deadlines.set(task, task.deadlineAt);
    }
    if (way === "everyone") this.publish(task);
    this.events.onChanged(task);
    return task;
  }

  /** It is on its way; the states that end it are told by `end`. */
  setState(task: Task, state: "queued" | "delivered" | "running", on: string): void {
    if (task.hasEnded || (task.state === state && task.on === on)) return;
    task.state = state;
    task.on = on;
    task.at = this.clock.wall();
    this.events.onChanged(task);
  }

  setSilent(task: Task): void {
    if (task.isSilent || task.hasEnded) return;
    task.isSilent = true;
    this.events.onChanged(task);
  }

  /** Once; what comes later changes nothing. */
  end(
    task: Task,
    state: Extract<TaskState, "result" | "error" | "killed" | "expired">,
    answer: TaskAnswer,
  ): void {
    if (task.hasEnded) return;
    task.list?.remove(task);
    this.deadlines.clear(task);
    task.state = state;
    if (answer.on !== "") task.on = answer.on;
    task.answer = answer;
    task.parts = null;
    task.at = this.clock.wall();
    task.isSilent = false;
    this.events.onChanged(task);
    this.events.onEnded(task);
    if (task.worker === null) this.retire(task);
  }

  /** It has ended, and no worker has it: it stays as long as there is room. */
  retire(task: Task): void {
    if (task.list !== null) return;
    this.ended.push(task);
    this.endedBytes += task.size;
    while (this.ended.count > MAX_ENDED || (this.endedBytes > MAX_ENDED_BYTES && this.ended.count > 1)) {
      const oldest = this.ended.shift()!;
      this.endedBytes -= oldest.size;
      this.forget(oldest);
      this.events.onForgotten(oldest);
    }
  }

  /** When something is due; Infinity: never. */
  get deadline(): number {
    const { first } = this.open;
    return Math.min(this.deadlines.next, first === null ? Infinity : first.cameAt + PATIENCE_MS);
  }

  tick(): void {
    const now = this.clock.now();
    for (let task = this.deadlines.take(now); task !== null; task = this.deadlines.take(now))
      this.events.onOverdue(task);
    for (
      let { first } = this.open;
      first !== null && first.cameAt + PATIENCE_MS <= now;
      first = this.open.first
    ) {
      this.open.remove(first);
      this.silent.push(first);
      this.setSilent(first);
      this.events.onSilent(first);
    }
  }

  private publish(task: Task): void {
    this.open.push(task);
    if (this.open.count + this.silent.count <= MAX_OPEN) return;
    const oldest = (this.silent.first ?? this.open.first)!;
    if (!oldest.isAwaited && !oldest.isKilled) return this.drop(oldest);
    oldest.isForgotten = true;
    this.end(oldest, "error", FORGOTTEN);
  }

  private tellParent(task: Task): void {
    const parent = this.tasks.get(task.parent);
    if (parent === undefined || parent === task) return;
    parent.children ??= new Set();
    if (parent.children.size < MAX_CHILDREN) parent.children.add(task);
  }

  private drop(task: Task): void {
    task.list!.remove(task);
    this.deadlines.clear(task);
    this.forget(task);
    this.events.onForgotten(task);
  }

  private forget(task: Task): void {
    this.tasks.delete(task.id);
    this.tasks.get(task.parent)?.children?.delete(task);
  }
}

const FORGOTTEN: TaskAnswer = {
  on: "",
  error: { code: ErrorCode.TECHNICAL, message: "nobody answered it, and too many such tasks are open" },
};
