/** Long tasks: begun by a request, done in steps from the supervisor's tick, ended by their reply or by a cancel. */
import { now } from "./board.ts";
import { dropLatest, putLatest } from "./latest.ts";
import { peer, wallTime } from "./peer.ts";
import type { BoardRequest } from "./requests.ts";
import { onRequest, reply } from "./requests.ts";
import { everyTick } from "./supervisor.ts";

/** A request that is being worked at. A program may keep fields of its own here. */
export interface BoardTask {
  request: BoardRequest;
  /** Steps before this one. */
  steps: number;
  [field: string]: any;
}
/** Returns nothing while there is more to do, and at last the fields of the reply. What it throws becomes `err`. */
export type TaskStep = (task: BoardTask) => object | undefined;
/** Frees what the task held. `how` it ended: "done", "failed" or "cancelled". */
export type TaskEnd = (task: BoardTask, how: string) => void;

/** One type of task, and the one that runs. */
interface Kind {
  ot: string;
  period: number;
  step: TaskStep;
  end: TaskEnd | undefined;
  task: BoardTask | null;
  dueAt: number;
  at: number;
}

const enum At {
  REST = 0,
  /** Between two steps only if the last was torn off: out of memory, or by a Ctrl-C. */
  STEP = 1,
  /** Cancelled; its end is to come. */
  END = 2,
}

const kinds: Kind[] = [];

/**
 * Requests of type `ot` are tasks: `step` is called at once and then every `seconds` until it returns a reply or throws,
 * or the gateway cancels the request (`bowline send` was ended, or its time is over). A cancel acts between two steps.
 * Then `end`, if given, is called, once, however the task ended, and the reply leaves: of a cancelled task
 * `err: "cancelled"`, so that it can be seen to have ended. One task of a type runs at a time; a second request meanwhile
 * is answered with `err`.
 */
export function onTask(ot: string, seconds: number, step: TaskStep, end?: TaskEnd): void {
  "cold";
  if (kinds.length === 0) everyTick(runTasks);
  peer.onCancel = cancelTask;
  kinds.push({
    ot: ot,
    period: seconds * 1000,
    step: step,
    end: end,
    task: null,
    dueAt: 0,
    at: At.REST,
  });
  onRequest(ot, beginTask);
}

/** Tells how far a task is: `fields` as `l:progress`, with its request's number as `task`. Only the newest counts. */
export function progress(task: BoardTask, fields: object): void {
  "cold";
  const request = task.request;
  const message = Object.assign(
    { ot: "l:progress", t: wallTime(), task: request.rq, of: request.ot },
    fields,
  );
  putLatest(placeOf(task), JSON.stringify(message));
}

/** No type of a datum has a number. */
function placeOf(task: BoardTask): string {
  "cold";
  return String(task.request.rq);
}

function beginTask(request: BoardRequest): undefined {
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i];
    if (kind.ot !== request.ot) continue;
    if (kind.task) throw "busy: request " + kind.task.request.rq + " is being done";
    kind.task = { request: request, steps: 0 };
    kind.at = At.REST;
    kind.dueAt = now();
  }
  return undefined;
}

function cancelTask(rq: number): void {
  for (let i = 0; i < kinds.length; i++) {
    const task = kinds[i].task;
    if (task && task.request.rq === rq) kinds[i].at = At.END;
  }
}

function runTasks(): void {
  const time = now();
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i];
    if (!kind.task) continue;
    if (kind.at === At.STEP)
      endTask(kind, "failed", { err: "a step was interrupted, out of memory perhaps" });
    else if (kind.at === At.END) endTask(kind, "cancelled", { err: "cancelled" });
    else if (time >= kind.dueAt) runStep(kind, time);
  }
}

function runStep(kind: Kind, time: number): void {
  "cold";
  const task = kind.task!;
  kind.dueAt = time + kind.period;
  kind.at = At.STEP;
  let fields: object | undefined;
  let isFailed = false;
  try {
    fields = kind.step(task);
  } catch (error) {
    isFailed = true;
    fields = { err: String(error) };
  }
  kind.at = At.REST;
  task.steps++;
  if (fields) endTask(kind, isFailed ? "failed" : "done", fields);
}

/** A clean-up that fails is told in the reply: something may still be held. */
function endTask(kind: Kind, how: string, fields: object): void {
  "cold";
  const task = kind.task!;
  kind.task = null;
  let answer = fields;
  try {
    if (kind.end) kind.end(task, how);
  } catch (error) {
    answer = { err: "at the end: " + String(error) };
  }
  dropLatest(placeOf(task));
  reply(task.request, answer);
}
