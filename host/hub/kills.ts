/**
 * Stopping tasks (MoniQue KILL1 to KILL4): requesters hear 301 at once, every component hears the kill, and whoever asked for
 * it hears what came of it.
 *
 * ```
 * ask ─▶ unknown, finished before                            told to all the same: components may know more than we do
 *     ─▶ withdrawn from its queue                            confirmed
 *     ─▶ pending ─ its worker's connection ends ────────────▶ confirmed
 *           │    ─ the component says 301 ──────────────────▶ confirmed
 *           │    ─ the board is told, or never had it ──────▶ confirmed
 *           │    ─ it answers after all ────────────────────▶ finished before
 *           └──── said again after 1, 3, 7 s; after 10 s ───▶ unconfirmed
 * ```
 */
import { isCreator } from "../monique/names.ts";
import type { Clock } from "../platform/clock.ts";
import { Deadlines, Timed } from "./deadlines.ts";
import type { LocalKill } from "./local-workers.ts";
import { type Killer, killedMessage, killMessage, type Parts, partsOf } from "./own-messages.ts";
import type { Task } from "./task.ts";
import type { Author, KillView } from "./views.ts";

/** After the first: a component that was being restarted, or whose subscription was late, hears one of them. */
const AGAIN_MS = [1000, 3000, 7000];
/** An original component is at work again after 1.5 s, and one of ours ends a worker that does not listen within 1 s. */
const GIVE_UP_MS = 10_000;
/** Kills that are waited for at once; what is above is told to components and not waited for. */
const MAX_PENDING = 1000;
/** Those of one task: each wants to know the same. */
const MAX_ASKERS = 100;

export interface KillPorts {
  creator(): string;
  task(id: string): Task | undefined;
  /** Onto com. */
  publish(parts: Parts): void;
  /** Onto tech. */
  tell(parts: Parts): void;
  /** It waits for nobody any more; false: somebody has it. */
  withdraw(task: Task): boolean;
  endKilled(task: Task): void;
  /** The connections that heard of a task that was published, as long as they are open. */
  listeners(task: Task): number[];
  killLocally(id: string): Promise<LocalKill>;
  /** It is to be stopped: that is known after a restart as well. */
  onKilled(task: Task): void;
  /** It could not be asked to stop; the kill is given up in time. */
  onFailed(task: Task, fault: unknown): void;
  /** A kill was begun, or its outcome is known. */
  onKill(view: KillView): void;
}

/** What a kill is made of. */
export interface KillOrder {
  taskId: string;
  by: Author;
  /** The message that asked for it, whose bytes are the kill's own; null: it came another way. */
  asked: { parts: Parts; killer: Killer } | null;
}

class PendingKill extends Timed {
  readonly askers: { view: KillView; since: number; resolve: (view: KillView) => void }[] = [];
  /** Connections of which one is to end. */
  listeners = new Set<number>();
  tries = 0;
  how = "";

  constructor(
    readonly task: Task,
    readonly since: number,
    public parts: Parts,
  ) {
    super();
  }
}

export class Kills {
  private readonly pending = new Map<Task, PendingKill>();
  private readonly deadlines = new Deadlines<PendingKill>();

  constructor(
    private readonly ports: KillPorts,
    private readonly clock: Clock,
  ) {}

  /** Resolves with what came of it. The id has to be one. */
  ask({ taskId, by, asked }: KillOrder): Promise<KillView> {
    const task = this.ports.task(taskId);
    const view: KillView = {
      ...{ at: this.clock.wall(), task: taskId, by, spec: task?.spec ?? "", outcome: "pending" },
      ...{ how: "", why: "", ms: 0, children: [] },
    };
    const waiting = task === undefined ? undefined : this.pending.get(task);
    if (waiting !== undefined && waiting.askers.length >= MAX_ASKERS)
      return Promise.resolve(this.refuse(view, "it is being killed"));
    const { parts, killer } = asked ?? this.ownOrder(taskId, by);
    const isOpen = task !== undefined && !task.hasEnded;
    // Before anything else: requesters wait for it, and what a component says to its kill comes after it.
    this.publishKilled(taskId, "error", killer);
    if (isOpen) this.publishKilled(taskId, task.spec, killer);
    if (!isOpen) {
      this.ports.tell(parts);
      view.outcome = task === undefined ? "unknown" : "finished before";
      this.ports.onKill(view);
      return Promise.resolve(view);
    }
    return this.wait(task, view, parts);
  }

  /** A kill that is not done. */
  refuse(view: KillView, why: string): KillView {
    view.outcome = "refused";
    view.why = why;
    this.ports.onKill(view);
    return view;
  }

  /** A task has ended, whatever ended it. */
  taskEnded(task: Task): void {
    const kill = this.pending.get(task);
    if (kill === undefined) return;
    if (task.isForgotten) this.resolve(kill, "unconfirmed", "");
    else if (task.state === "killed")
      this.resolve(kill, "confirmed", kill.how === "" ? "the component said so" : kill.how);
    else this.resolve(kill, "finished before", "");
  }

  /** Whoever did a task was said to be over with it, by itself or because it was told to. */
  taskStopped(task: Task): void {
    // While it is waited for, something may yet tell how it ended.
    if (!this.pending.has(task) && task.isKilled) this.ports.endKilled(task);
  }

  /** One that was to be stopped when we ended: requesters were told then, and nobody begins it any more. */
  resume(task: Task): void {
    if (task.hasEnded) return;
    if (task.way !== "local") return this.ports.endKilled(task);
    this.ports.killLocally(task.id).then(
      () => this.ports.endKilled(task),
      (fault) => this.ports.onFailed(task, fault),
    );
  }

  /** A worker's connection ended; what it was given went with it. */
  workerWent(given: readonly Task[]): void {
    for (const task of given.filter(({ isKilled, hasEnded }) => isKilled && !hasEnded))
      this.confirm(task, "its worker's connection ended");
  }

  /** A connection that published tasks go to ended. */
  listenerWent(key: number): void {
    for (const { task, listeners } of [...this.pending.values()])
      if (listeners.has(key)) this.confirm(task, "the component's connection ended");
  }

  /** Nobody waits any longer. */
  stop(): void {
    for (const kill of [...this.pending.values()]) this.resolve(kill, "unconfirmed", "the gateway ended");
  }

  get deadline(): number {
    return this.deadlines.next;
  }

  tick(): void {
    const now = this.clock.now();
    for (let kill = this.deadlines.take(now); kill !== null; kill = this.deadlines.take(now)) {
      if (now - kill.since >= GIVE_UP_MS) this.giveUp(kill);
      else this.tell(kill);
    }
  }

  private wait(task: Task, view: KillView, parts: Parts): Promise<KillView> {
    if (!task.isKilled) {
      task.isKilled = true;
      this.ports.onKilled(task);
    }
    const isFirst = !this.pending.has(task);
    const isWaiting = isFirst && this.ports.withdraw(task);
    if (isFirst && !isWaiting && this.pending.size >= MAX_PENDING) {
      this.ports.tell(parts);
      view.outcome = "unconfirmed";
      view.how = "too many kills are waited for";
      this.ports.onKill(view);
      return Promise.resolve(view);
    }
    const kill = this.pending.get(task) ?? new PendingKill(task, this.clock.now(), parts);
    this.pending.set(task, kill);
    task.isKillPending = true;
    kill.parts = parts;
    const outcome = new Promise<KillView>((resolve) =>
      kill.askers.push({ view, since: this.clock.now(), resolve }),
    );
    this.ports.onKill(view);
    if (!isFirst) this.ports.tell(parts);
    else if (isWaiting) {
      // Components hear of it all the same: one of them may have had it from somebody else.
      this.ports.tell(parts);
      this.confirm(task, "withdrawn from the queue");
    } else this.begin(kill);
    return outcome;
  }

  private begin(kill: PendingKill): void {
    const { task } = kill;
    if (task.way === "everyone") kill.listeners = new Set(this.ports.listeners(task));
    // Of one that was published before a restart nobody knows who heard of it, and they may not be back yet.
    const isKnown = Number.isFinite(task.heardUpTo);
    const isAlone = task.way === "everyone" && kill.listeners.size === 0 && isKnown;
    this.tell(kill);
    if (isAlone) return this.confirm(task, "nobody who heard of it is connected");
    if (task.way !== "local") return;
    this.ports.killLocally(task.id).then(
      (how) => this.confirm(task, localWords[how]),
      (fault) => this.ports.onFailed(task, fault),
    );
  }

  private tell(kill: PendingKill): void {
    this.ports.tell(kill.parts);
    const again = AGAIN_MS[kill.tries++] ?? GIVE_UP_MS;
    this.deadlines.set(kill, kill.since + again);
  }

  private giveUp(kill: PendingKill): void {
    const { task } = kill;
    if (task.hasStopped) return this.confirm(task, "it has ended");
    this.resolve(kill, "unconfirmed", "");
    // Whoever had it was sent away by us, and nobody will say more of it.
    if (task.way === "controller" && task.worker === null) this.ports.endKilled(task);
  }

  private confirm(task: Task, how: string): void {
    const kill = this.pending.get(task);
    if (kill !== undefined) kill.how = how;
    this.ports.endKilled(task);
  }

  private resolve(kill: PendingKill, outcome: KillView["outcome"], how: string): void {
    this.pending.delete(kill.task);
    kill.task.isKillPending = false;
    this.deadlines.clear(kill);
    const now = this.clock.now();
    for (const { view, since, resolve } of kill.askers) {
      Object.assign(view, { outcome, how, ms: Math.round(now - since) });
      this.ports.onKill(view);
      resolve(view);
    }
  }

  private ownOrder(taskId: string, { who }: Author): { parts: Parts; killer: Killer } {
    const creator = isCreator(who) ? who : this.ports.creator();
    const parts = partsOf(killMessage(taskId, creator, this.clock.wall()));
    return { parts, killer: { creator, expiresAt: 0 } };
  }

  private publishKilled(taskId: string, spec: string, killer: Killer): void {
    this.ports.publish(partsOf(killedMessage(taskId, spec, killer, this.clock.wall())));
  }
}

const localWords: Readonly<Record<LocalKill, string>> = {
  withdrawn: "withdrawn before it was sent",
  told: "the board was told",
  "passed on": "the next gateway, which tells the board, has it",
  unknown: "no board has it",
};
