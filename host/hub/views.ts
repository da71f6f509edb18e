/** What the hub shows of components, tasks and kills: to HTTP, the command line, the page and IRC. Times are ms since 1970. */
import type { Encoding, MessageType } from "../monique/message.ts";

/** Who asked for something, and how. Behind `tech` and `local` nobody has proved a name. */
export interface Author {
  via: "tech" | "http" | "irc" | "peer" | "local";
  who: string;
}

export const taskStates = ["queued", "delivered", "running", "result", "error", "killed", "expired"] as const;
/**
 * queued: waits for a worker, or was published and nobody has answered; delivered: a worker was given it; running: its
 * worker said so; the others are how it ended.
 */
export type TaskState = (typeof taskStates)[number];

export interface TaskView {
  id: string;
  spec: string;
  /** Of its message: who asked. */
  creator: string;
  /** The task that it belongs to, "" for none. */
  parent: string;
  children: string[];
  state: TaskState;
  /** Who was given it, or answered it: a component's creator or a board; "" while nobody is known. */
  on: string;
  /** 0: not known any more. */
  createdAt: number;
  /** 0: never. */
  expiresAt: number;
  /** When it came to its present state. */
  at: number;
  /** How often it was given to a worker: 2 and more after one went with it. */
  deliveries: number;
  /** Its worker was given it and has answered nothing within its patience. */
  isSilent: boolean;
  /** Of one that was published for everyone: to how many connections. */
  listeners?: number;
  /** While it has not ended: it was to be stopped, and whether it did is not known yet, or nothing showed that it did. */
  kill?: "pending" | "unconfirmed";
  /** Of `result`: what was answered, when it could be read. */
  result?: unknown;
  error?: { code: number; message: string };
}

/** Which tasks are asked for. */
export interface TaskQuery {
  limit: number;
  /** silent: those that are, in whatever state. */
  state?: TaskState | "silent";
  spec?: string;
}

export function isAskedFor(
  { state, spec, isSilent }: Pick<TaskView, "state" | "spec" | "isSilent">,
  query: TaskQuery,
): boolean {
  if (query.spec !== undefined && query.spec !== spec) return false;
  return query.state === "silent" ? isSilent : query.state === undefined || query.state === state;
}

/** What is other than before; it is looked at anew by its name or id. */
export type WorkChange = { kind: "component"; name: string } | { kind: "task"; id: string };

/** A task that is to be handed over. */
export interface NewTask {
  spec: string;
  /** As JSON or MessagePack, by `encoding`. */
  data: unknown;
  /** `JSON` when absent. */
  encoding?: Encoding;
  /** `config` when absent. */
  type?: MessageType;
  /** 40 letters and digits; drawn when absent. The same again is the same task. */
  id?: string;
  pid?: string;
  /** Never when absent. */
  expiresInMs?: number;
}

/**
 * pending: not known yet; confirmed: it stopped, `how` says how; unconfirmed: nothing showed that it did; finished
 * before: it had ended; unknown: no such task is known here, it was told to everyone all the same; refused: nothing was
 * done, `why` says why.
 */
export type KillOutcome = "pending" | "confirmed" | "unconfirmed" | "finished before" | "unknown" | "refused";

/** One kill, as it is audited. */
export interface KillView {
  at: number;
  task: string;
  by: Author;
  /** Of the task, "" when it is not known. */
  spec: string;
  outcome: KillOutcome;
  /** Of `confirmed`: withdrawn from the queue, its worker ended, the component said so, the board was told … */
  how: string;
  /** Of `refused`. */
  why: string;
  /** From the kill to its outcome. */
  ms: number;
  /** Of a kill with `children`. */
  children: KillView[];
}

/** unknown: heard once, its rhythm is not known yet; late: above 1.5 times its rhythm; dead: above 3, or its connection is gone. */
export type ComponentState = "unknown" | "alive" | "late" | "dead" | "recovered";

/** One running instance: a name on one connection. */
export interface ComponentView {
  name: string;
  /** Of its last heartbeat. */
  creator: string;
  /** How many run under this name. */
  instances: number;
  state: ComponentState;
  /** It says that the thread which does the work is not alive. */
  isDown: boolean;
  /** It was given a task and has answered nothing within that task's patience. */
  isSilent: boolean;
  /** Its status text. */
  message: string;
  /** By its own clock; 0 when that could not be read. */
  syncTime: number;
  /** When the last heartbeat arrived. */
  heardAt: number;
  /** Arrival less syncTime, ms. */
  skewMs: number;
  /** Time between its heartbeats, ms; 0 while not known. */
  rhythmMs: number;
  heartbeats: number;
  /** Those that could not be read, and the last of them as it came. */
  invalid: number;
  raw?: string;
  /** Where it speaks from; "here" for the gateway's own parts. */
  address: string;
  /** When it was first heard. */
  since: number;
}

export interface HistoryLine {
  at: number;
  name: string;
  creator: string;
  state: ComponentState | "down" | "up" | "silent" | "gone";
  message: string;
}

/** The last heartbeat of a name, as the original REST service tells it. */
export interface MonitoringLine {
  sync_time: number;
  name: string;
  is_alive: boolean;
  /** Absent when empty. */
  message?: string;
}

/** A heartbeat of one of the gateway's own parts. */
export interface OwnHeartbeat {
  name: string;
  creator: string;
  isAlive: boolean;
  message: string;
  /** The next one comes within so long: its rhythm need not be learned from those that come in between, ms. */
  frequencyMs: number;
}
