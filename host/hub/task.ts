/** One task: a `config` message that asks somebody for something, and how far it has come. */
import type { Encoding } from "../monique/message.ts";
import { Timed } from "./deadlines.ts";
import type { TaskList } from "./task-list.ts";
import type { TaskState } from "./views.ts";
import type { Worker } from "./worker.ts";

/** everyone: published, whoever feels asked does it; controller: one worker is given it; local: a board does it. */
export type TaskWay = "everyone" | "controller" | "local";

/** What is known of a task when it comes. */
export interface TaskFields {
  id: string;
  spec: string;
  creator: string;
  parent: string;
  createdAt: number;
  /** By the wall clock; 0: never. */
  expiresAt: number;
}

/** How a task ended, beside its state. */
export interface TaskAnswer {
  /** The component that said so; "" for us. */
  on: string;
  /** The data of a `result`, which is the task's own from now on. */
  data?: Uint8Array;
  encoding?: Encoding;
  error?: { code: number; message: string };
}

export class Task extends Timed {
  readonly id: string;
  readonly spec: string;
  readonly creator: string;
  readonly parent: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  state: TaskState = "queued";
  on = "";
  deliveries = 0;
  /** How many workers went while it was what they were doing. */
  takedowns = 0;
  isSilent = false;
  /** Somebody asked to stop it: it is given to nobody any more. */
  isKilled = false;
  /** That kill is waited for: whether it stops is not known yet. */
  isKillPending = false;
  /** It was killed, and ends since its worker says nothing of it: that one may still be at it. */
  isAbandoned = false;
  /** Somebody waits for its end here. */
  isAwaited = false;
  /** It was given up for want of room, and nobody knows how it ended. */
  isForgotten = false;
  /** Who was to do it has said that it is over, while a kill was waited for. */
  hasStopped = false;
  /** When nobody may begin it any more, by the clock that never jumps; Infinity: never. */
  deadlineAt = Infinity;
  /** Whom it was given to and who has not answered it. */
  worker: Worker | null = null;
  /** Tag and body, as long as they may be needed. */
  parts: readonly [Uint8Array, Uint8Array] | null = null;
  answer: TaskAnswer | null = null;
  /** Of what was submitted here: tells another task under the same id. */
  digest = "";
  /** The newest connection that it was published to. */
  heardUpTo = 0;
  /** To how many connections it was published. */
  listeners = 0;
  children: Set<Task> | null = null;
  /** Its place among others, while it has one (task-list.ts). */
  list: TaskList | null = null;
  before: Task | null = null;
  after: Task | null = null;

  constructor(
    fields: TaskFields,
    /** In the order in which they came. */
    readonly number: number,
    public way: TaskWay,
    /** When it came, by the clock that never jumps. */
    readonly cameAt: number,
    /** When it came to its state, ms since 1970. */
    public at: number,
  ) {
    super();
    this.id = fields.id;
    this.spec = fields.spec;
    this.creator = fields.creator;
    this.parent = fields.parent;
    this.createdAt = fields.createdAt;
    this.expiresAt = fields.expiresAt;
  }

  get hasEnded(): boolean {
    return isEnd[this.state];
  }

  /** Bytes that are held for it. */
  get size(): number {
    const { parts, answer } = this;
    return (parts === null ? 0 : parts[0].length + parts[1].length) + (answer?.data?.length ?? 0);
  }
}

const isEnd: Readonly<Record<TaskState, boolean>> = {
  queued: false,
  delivered: false,
  running: false,
  result: true,
  error: true,
  killed: true,
  expired: true,
};
