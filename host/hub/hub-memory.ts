/**
 * What of the hub outlives it: open tasks (`mt/`), those that have ended (`me/`), what was heard of components
 * (`mh/`), who killed what (`ma/`).
 *
 * A task is kept from when it came until it has ended. The order of their numbers is the order in which they came, so what was
 * with a worker when we ended goes to one again before all that waited: at least once. One of a worker that has ended, or
 * that was handed over here, is kept with its answer as long as the registry knows it: whoever asks again after a crash asks
 * for nothing new. A board's is in the book of requests, and is not kept a second time.
 *
 * Of those that everyone heard the ones that were handed over here are kept, without their bytes: nobody knows who had one,
 * so it is not published again, and an answer that comes is taken.
 */
import { BodyView, checkBody } from "../monique/body.ts";
import { isFault } from "../monique/fault.ts";
import { parseTag } from "../monique/tag.ts";
import type { Log } from "../platform/log.ts";
import { DocumentKeeper } from "../store/document-keeper.ts";
import type { Store } from "../store/store.ts";
import { type Audit, type AuditCounts, type AuditKind, auditKinds } from "./audit.ts";
import type { Health, KeptHealth } from "./health.ts";
import { decodeKeptEnd, encodeKeptEnd } from "./kept-end.ts";
import { decodeKeptTask, encodeKeptTask, keptTaskOf } from "./kept-task.ts";
import type { Parts } from "./own-messages.ts";
import type { Task, TaskFields } from "./task.ts";
import type { TaskDesk } from "./task-desk.ts";
import type { KillView } from "./views.ts";

const TASKS = "mt/";
const ENDED = "me/";
const HEALTH = "mh/";
const AUDIT = "ma/";
const COUNTS = `${AUDIT}counts`;
/** Keys are in the order of their text. */
const NUMBER_DIGITS = 16;
/** Of a name that flaps; a power cut costs a line of its history. */
const HEALTH_PAUSE_MS = 5000;
/** Of a flood of kills; the first of them is written at once. */
const AUDIT_PAUSE_MS = 200;

interface Remembered {
  desk: TaskDesk;
  health: Health;
  audit: Audit;
}

export class HubMemory {
  private readonly tasks: DocumentKeeper;
  private readonly health: DocumentKeeper;
  private readonly audit: DocumentKeeper;
  private readonly open = new Map<string, Task>();
  private readonly ended = new Map<string, Task>();

  constructor(
    private readonly store: Store,
    private readonly log: Log,
    private readonly parts: Remembered,
  ) {
    this.tasks = new DocumentKeeper({ store, pauseMs: 0, valueOf: (key) => this.taskOf(key) });
    this.health = new DocumentKeeper({
      ...{ store, pauseMs: HEALTH_PAUSE_MS },
      valueOf: (key) => parts.health.kept(decodeURIComponent(key.slice(HEALTH.length))),
    });
    this.audit = new DocumentKeeper({
      ...{ store, pauseMs: AUDIT_PAUSE_MS },
      valueOf: (key) => (key === COUNTS ? parts.audit.counts : this.auditLineOf(key)),
    });
  }

  /** What was kept: the tasks are to be begun by whoever is called with each, in their order. */
  async recall(): Promise<Task[]> {
    await this.recallHealth();
    await this.recallAudit();
    return this.recallTasks();
  }

  taken(task: Task): void {
    const key = keyOf(TASKS, task);
    this.open.set(key, task);
    this.tasks.touch(key);
  }

  /** It is to be stopped, or has come further. */
  changed(task: Task): void {
    const key = keyOf(TASKS, task);
    if (this.open.has(key)) this.tasks.touch(key);
  }

  /** Both documents go with one write: it is in the store as one of them. */
  over(task: Task): void {
    const key = keyOf(TASKS, task);
    const wasOpen = this.open.delete(key);
    if (wasOpen) this.tasks.touch(key);
    if (task.way === "local" || (!wasOpen && task.digest === "")) return;
    const ended = keyOf(ENDED, task);
    this.ended.set(ended, task);
    this.tasks.touch(ended);
  }

  forgotten(task: Task): void {
    for (const [prefix, known] of [
      [TASKS, this.open],
      [ENDED, this.ended],
    ] as const) {
      const key = keyOf(prefix, task);
      if (known.delete(key)) this.tasks.touch(key);
    }
  }

  /** Resolves once all tasks that were taken are in the store. */
  whenTasksKept(): Promise<void> {
    return this.tasks.whenKept();
  }

  component(name: string): void {
    this.health.touch(HEALTH + encodeURIComponent(name));
  }

  auditLine(kind: AuditKind, place: number): void {
    this.audit.touch(`${AUDIT}${kind}/${place}`);
    this.audit.touch(COUNTS);
  }

  /** Resolves once all kills that were told are in the store. */
  whenKillsKept(): Promise<void> {
    return this.audit.whenKept();
  }

  /** Hands all over to the store, which commits it before it stops. */
  stop(): void {
    for (const keeper of [this.tasks, this.audit, this.health]) keeper.flush();
  }

  private taskOf(key: string): Uint8Array | null {
    const ended = this.ended.get(key);
    if (ended !== undefined) return encodeKeptEnd(ended);
    const task = this.open.get(key);
    const kept = task === undefined ? null : keptTaskOf(task);
    return kept && encodeKeptTask(kept);
  }

  private auditLineOf(key: string): object | null {
    const [, kind, place] = key.split("/");
    return this.parts.audit.lineAt(kind as AuditKind, Number(place));
  }

  /** Those that are open; in the order in which they came they are known again, so that children find their parents. */
  private async recallTasks(): Promise<Task[]> {
    const open = await this.store.records<Uint8Array>(TASKS);
    const ended = await this.store.records<Uint8Array>(ENDED);
    const all = [...open, ...ended].sort(([a], [b]) => numberOf(a) - numberOf(b));
    const tasks: Task[] = [];
    const over: Task[] = [];
    for (const [key, bytes] of all) {
      this.tasks.recall(key);
      const isEnded = key.startsWith(ENDED);
      const task = isEnded ? this.recallEnd(key, bytes) : this.recallTask(numberOf(key), bytes);
      if (task === undefined) {
        const text = "a task that was kept cannot be read, and is given up";
        this.log.warn({ code: "TASK_UNREADABLE", key }, text);
        this.tasks.touch(key);
      } else if (isEnded) {
        over.push(task);
        this.ended.set(key, task);
      } else {
        tasks.push(task);
        this.open.set(key, task);
      }
    }
    // The oldest end is the first that has to go.
    over.sort((a, b) => a.at - b.at);
    for (const task of over) this.parts.desk.registry.retire(task);
    return tasks;
  }

  private recallEnd(key: string, bytes: Uint8Array): Task | undefined {
    const kept = decodeKeptEnd(bytes);
    return kept && this.parts.desk.restoreEnded(kept, numberOf(key));
  }

  private recallTask(number: number, bytes: Uint8Array): Task | undefined {
    const kept = decodeKeptTask(bytes);
    const fields = kept && (kept.published?.fields ?? fieldsOf(kept.parts));
    if (fields === undefined) return undefined;
    const { way, digest, isKilled, published, parts } = kept!;
    const task = this.parts.desk.restore(fields, way, number, published === undefined ? parts : null);
    Object.assign(task, { digest, isKilled });
    if (published !== undefined) {
      const { fields: _, ...rest } = published;
      // Whoever asks for its tasks now may be at it: a kill waits for one of them.
      Object.assign(task, rest, { heardUpTo: Number.POSITIVE_INFINITY });
    }
    return task;
  }

  private async recallHealth(): Promise<void> {
    for (const [key, kept] of await this.store.records<KeptHealth>(HEALTH)) {
      this.health.recall(key);
      this.parts.health.restore(decodeURIComponent(key.slice(HEALTH.length)), kept);
    }
  }

  private async recallAudit(): Promise<void> {
    const lines: Record<AuditKind, [number, KillView][]> = { done: [], refused: [], unknown: [] };
    for (const [key, document] of await this.store.records<object>(AUDIT)) {
      this.audit.recall(key);
      const [, kind, place] = key.split("/");
      if (key === COUNTS) this.parts.audit.restoreCounts(document as AuditCounts);
      else lines[kind as AuditKind].push([Number(place), document as KillView]);
    }
    for (const kind of auditKinds) this.parts.audit.restore(kind, lines[kind]);
  }
}

/** What the message tells; undefined for what is none. */
function fieldsOf(parts: Parts): TaskFields | undefined {
  const tag = parseTag(parts[0]);
  if (isFault(tag)) return undefined;
  const view = new BodyView();
  if (checkBody(parts[1], parts[0], tag, view) !== undefined) return undefined;
  const { id, spec, creator, pid } = tag;
  const { createdAt, expiresAt } = view;
  return { id, spec, creator, parent: pid, createdAt, expiresAt };
}

function keyOf(prefix: string, { number }: Task): string {
  return prefix + String(number).padStart(NUMBER_DIGITS, "0");
}

function numberOf(key: string): number {
  return Number(key.slice(key.indexOf("/") + 1));
}
