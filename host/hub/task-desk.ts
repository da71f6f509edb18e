/**
 * Where a task comes, goes to whoever is to do it, and ends: by an answer, a kill, its time, or because it cannot be done.
 *
 * What is heard of it is taken as it comes. Its end is told to requesters when it was we who ended it; whoever answered told
 * them himself.
 */

import { decodeMessage } from "../monique/body.ts";
import { ErrorCode, KILLED_TEXT } from "../monique/codes.ts";
import { formatData } from "../monique/data.ts";
import { isFault } from "../monique/fault.ts";
import type { Encoding } from "../monique/message.ts";
import { formatError, MAX_MESSAGE_CHARS, readError } from "../monique/task-error.ts";
import { beginningOf } from "../monique/utf8.ts";
import type { Clock } from "../platform/clock.ts";
import { Controller } from "./controller.ts";
import { copyOf } from "./copy-of.ts";
import type { KeptEnd } from "./kept-end.ts";
import type { LocalWorkers } from "./local-workers.ts";
import { ownMessage, type Parts, partsOf } from "./own-messages.ts";
import type { Task, TaskFields, TaskWay } from "./task.ts";
import { TaskRegistry } from "./task-registry.ts";
import type { Worker } from "./worker.ts";

/** Specs are made up by whoever asks and answers; what is forgotten is learned with the next answer. */
const MAX_ANSWERERS = 1000;

export interface DeskPorts {
  /** Who the hub is. */
  creator(): string;
  /** Onto com. */
  publish(parts: Parts): void;
  /** Hands it to one worker; false: it takes nothing now. */
  send(worker: Worker, task: Task): boolean;
  twins(): LocalWorkers | null;
  onChanged(task: Task): void;
  /** From now on it is to be found again after a restart, until it ends. */
  onTaken(task: Task): void;
  onEnded(task: Task): void;
  /** It is not known any more. */
  onForgotten(task: Task): void;
  onSilent(task: Task, worker: Worker): void;
  /** Its time is over, and whoever answered the last one of its spec has not answered this one. */
  onUnanswered(creator: string): void;
  /** A task that is to be stopped was said to be over. */
  onStopped(task: Task): void;
}

/** What came for a task, to be kept by whoever keeps it. */
export interface Answer {
  type: "result" | "error";
  on: string;
  encoding: Encoding;
  data: Uint8Array;
  /** It came from a person, say, and not from the worker that has the task. */
  isHandedOver?: true;
}

/** How a task was published. */
export interface Published {
  /** Of what was handed over here, "" of what components said. */
  digest: string;
  /** The newest connection then. */
  heardUpTo: number;
  /** To how many connections it went. */
  listeners: number;
  /** Why it is nobody's when it is for everyone; absent: it may be somebody's. */
  refusal?: string;
}

export class TaskDesk {
  readonly registry: TaskRegistry;
  readonly controller: Controller;
  /** By spec, whom the last answer came from. */
  private readonly answerers = new Map<string, string>();
  /** Tasks that came a second time, and answers to those that had ended. */
  readonly counts = { repeated: 0, lateAnswers: 0, refused: 0 };

  constructor(
    private readonly ports: DeskPorts,
    private readonly clock: Clock,
  ) {
    const { onChanged } = ports;
    this.registry = new TaskRegistry(clock, {
      onChanged,
      onEnded: (task) => this.ended(task),
      onForgotten: (task) => ports.onForgotten(task),
      onOverdue: (task) => this.overdue(task),
      onSilent: (task) => this.unanswered(task),
    });
    this.controller = new Controller(
      {
        send: (worker, task) => ports.send(worker, task),
        onDelivered: (task, worker) => this.registry.setState(task, "delivered", nameOf(worker)),
        onOverdue: (task) => this.expireWaiting(task),
        onSilent: (task, worker) => this.silent(task, worker),
        onReturned: (task) => this.registry.setState(task, "queued", ""),
        onGivenUp: (task) =>
          this.fail(task, `no worker finished it: ${task.takedowns} went while it was what they did`),
        onStopped: (task) => ports.onStopped(task),
        onReleased: (task) => this.registry.retire(task),
      },
      () => clock.now(),
    );
  }

  /** Who is asked to do tasks of this spec. */
  wayOf(spec: string): TaskWay {
    if (this.controller.serves(spec)) return "controller";
    return this.ports.twins()?.accepts(spec) === true ? "local" : "everyone";
  }

  /**
   * A task that was published, or undefined when it is known already: the same one again is not done again. Its bytes are
   * copied when they are needed for longer than this call.
   */
  come(
    fields: TaskFields,
    tag: Uint8Array,
    body: Uint8Array,
    { digest, heardUpTo, listeners, refusal }: Published,
  ): Task | undefined {
    if (this.registry.get(fields.id) !== undefined) {
      this.counts.repeated++;
      return undefined;
    }
    const way = this.wayOf(fields.spec);
    const task = this.registry.add(fields, way);
    task.digest = digest;
    task.heardUpTo = heardUpTo;
    task.listeners = listeners;
    const parent = task.parent === "" ? undefined : this.registry.get(task.parent);
    // A component that asks others on its behalf is at it; who handed one over here need not be.
    if (parent !== undefined && parent.way !== "local" && digest === "")
      this.registry.setState(parent, "running", task.creator);
    if (way === "everyone") {
      if (refusal !== undefined) this.fail(task, refusal, ErrorCode.INPUT);
      else if (digest !== "") this.ports.onTaken(task);
      return task;
    }
    if (!this.controller.hasRoom(tag.length + body.length)) {
      this.counts.refused++;
      this.fail(task, "too many tasks wait");
      return task;
    }
    task.parts = [copyOf(tag), copyOf(body)];
    this.ports.onTaken(task);
    this.begin(task);
    return task;
  }

  /** A task that was not published, since nobody may begin it any more. */
  comeTooLate(fields: TaskFields): void {
    if (this.registry.get(fields.id) !== undefined) this.counts.repeated++;
    else this.expire(this.registry.add(fields, "everyone"));
  }

  /** One that was kept over a restart, in the order of their numbers. */
  restore(fields: TaskFields, way: TaskWay, number: number, parts: Parts | null): Task {
    const task = this.registry.add(fields, way, number);
    task.parts = parts;
    return task;
  }

  /** One that had ended before a restart. */
  restoreEnded(
    { way, state, on, at, deliveries, listeners, digest, answer, ...fields }: KeptEnd,
    number: number,
  ): Task {
    const task = this.registry.add(fields, way, number, state);
    Object.assign(task, { on, at, deliveries, listeners, digest, answer });
    return task;
  }

  /** Gives it to whoever is to do it; what everyone heard is not said again, and its time is over with the next tick. */
  begin(task: Task): void {
    if (task.way === "everyone") return;
    if (task.deadlineAt <= this.clock.now()) this.expire(task);
    else if (task.way === "controller") this.controller.add(task);
    else this.runLocally(task);
  }

  /** Something was said in answer to a message; whether it was a task is seen here. */
  answered(taskId: string, answer: Answer): void {
    const task = this.registry.get(taskId);
    // What a board answers is told by the board alone.
    if (task === undefined || task.way === "local") return;
    const { worker } = task;
    if (worker !== null && answer.isHandedOver !== true) worker.creator = answer.on;
    this.noteAnswerer(task.spec, answer.on);
    if (task.hasEnded) {
      this.counts.lateAnswers++;
      return this.controller.settle(task);
    }
    this.endWith(task, answer);
  }

  /** Something was said about it, and it was no answer: somebody is at it. */
  heard(taskId: string, creator: string): void {
    const task = this.registry.get(taskId);
    if (task !== undefined) this.isAtIt(task, creator);
  }

  /** It waits for nobody any more; false: somebody has it. */
  withdraw(task: Task): boolean {
    return this.controller.withdraw(task);
  }

  /** It was stopped. */
  endKilled(task: Task): void {
    this.registry.end(task, "killed", { on: "", error: { code: ErrorCode.KILLED, message: KILLED_TEXT } });
  }

  get deadline(): number {
    return Math.min(this.registry.deadline, this.controller.deadline);
  }

  tick(): void {
    this.registry.tick();
    this.controller.tick();
  }

  /** Of a board's task the board says it, and nobody is at one that waits. */
  private isAtIt(task: Task, creator: string): void {
    if (task.way === "everyone" || task.worker !== null) this.registry.setState(task, "running", creator);
  }

  private endWith(task: Task, { type, on, encoding, data }: Answer): void {
    if (type === "result") return this.registry.end(task, "result", { on, encoding, data: copyOf(data) });
    const read = readError({ data, encoding });
    const error = isFault(read) ? { code: ErrorCode.COMPONENT, message: read.text } : read;
    this.registry.end(task, error.code === ErrorCode.KILLED ? "killed" : "error", { on, error });
  }

  private ended(task: Task): void {
    // What ended without a word from its worker may still be answered by it.
    if (task.state === "expired" || task.isAbandoned) this.controller.release(task);
    else this.controller.settle(task);
    this.ports.onEnded(task);
  }

  /** Its time is over. */
  private overdue(task: Task): void {
    if (task.way === "everyone") {
      this.unanswered(task);
      this.registry.end(task, "expired", EXPIRED);
    } else if (this.controller.withdraw(task)) this.expireWaiting(task);
    else if (task.isSilent && task.way === "controller") this.expire(task);
    // A worker may be about to answer, and a board's twin knows the time itself.
    else this.registry.setSilent(task);
  }

  /** Nobody was given it. Where nobody is connected, who used to be may still say that all is well (MoniQue trap 4). */
  private expireWaiting(task: Task): void {
    if (task.way === "controller" && this.controller.countsOf(task.spec).workers === 0) this.unanswered(task);
    this.expire(task);
  }

  private unanswered({ spec, on }: Task): void {
    const creator = on === "" ? this.answerers.get(spec) : on;
    if (creator !== undefined) this.ports.onUnanswered(creator);
  }

  private noteAnswerer(spec: string, creator: string): void {
    if (this.answerers.size >= MAX_ANSWERERS && !this.answerers.has(spec)) this.answerers.clear();
    this.answerers.set(spec, creator);
  }

  private expire(task: Task): void {
    this.registry.end(task, "expired", EXPIRED);
    this.tellRequesters(task, EXPIRED.error.message);
  }

  private silent(task: Task, worker: Worker): void {
    if (task.hasEnded) return;
    this.ports.onSilent(task, worker);
    task.isAbandoned = task.isKilled;
    if (task.isKilled) this.endKilled(task);
    else if (task.deadlineAt <= this.clock.now()) this.expire(task);
    else this.registry.setSilent(task);
  }

  /** It cannot be done. */
  private fail(task: Task, message: string, code: number = ErrorCode.TECHNICAL): void {
    this.registry.end(task, "error", { on: "", error: { code, message } });
    this.tellRequesters(task, message, code);
  }

  private tellRequesters(task: Task, text: string, code: number = ErrorCode.TECHNICAL): void {
    this.say(task, "error", formatError(code, text));
  }

  private say(task: Task, type: "result" | "error", data: Uint8Array): void {
    const fields = { creator: this.ports.creator(), pid: task.id };
    this.ports.publish(partsOf(ownMessage(type, task.spec, data, this.clock.wall(), fields)));
  }

  private runLocally(task: Task): void {
    this.controller.hold(task);
    const message = decodeMessage(task.parts![1]);
    if (isFault(message)) return this.fail(task, message.text);
    this.ports.twins()!.run(
      { id: task.id, spec: task.spec, message },
      {
        onRunning: (on) => {
          if (task.state !== "running") task.deliveries++;
          this.registry.setState(task, "running", on);
        },
        onResult: (value) => this.localResult(task, value),
        onError: (code, text) => this.localError(task, code, text),
      },
    );
  }

  private localResult(task: Task, value: unknown): void {
    if (task.hasEnded) return;
    const data = formatData(value ?? null);
    this.registry.end(task, "result", { on: "", encoding: "JSON", data });
    this.say(task, "result", data);
  }

  private localError(task: Task, code: number, message: string): void {
    task.hasStopped = true;
    // Whoever kills it tells how it ended, and requesters have been told.
    if (task.hasEnded || task.isKilled) return this.ports.onStopped(task);
    // It may quote what was asked.
    const error = { code, message: beginningOf(message, MAX_MESSAGE_CHARS) };
    this.registry.end(task, "error", { on: "", error });
    this.say(task, "error", formatError(code, error.message));
  }
}

const EXPIRED = {
  on: "",
  error: { code: ErrorCode.TECHNICAL, message: "its time was over before it was done" },
};

function nameOf({ creator, address }: Worker): string {
  return creator === "" ? address : creator;
}
