/**
 * What a component's author uses: `import { component } from "bowline/component"`. This file is also the package's
 * declaration, so it imports nothing.
 */

/** What it is for: a task, its answer, a fault, or news. */
export type MessageType = "config" | "result" | "error" | "data";
export type Encoding = "JSON" | "MessagePack";

/** A message as it came. The fields have the names that MoniQue gives them. */
export interface Received<Data = unknown> {
  readonly id: string;
  /** Of the message that this one answers or belongs to; "" for none. */
  readonly pid: string;
  /** Who says that it sent it: free text, nothing proves it. */
  readonly creator: string;
  /** ms since 1970. */
  readonly created_at: number;
  /** ms since 1970; 0: never. */
  readonly expires_at: number;
  readonly spec: string;
  readonly type: MessageType;
  readonly encoding: Encoding;
  /** What it holds. Throws where that is neither JSON nor MessagePack. */
  readonly data: Data;
  /** What it holds, as it travelled. */
  readonly bytes: Uint8Array;
  /**
   * Aborted when the message is killed. Whoever uses it has `killGraceMs` to end by itself; else, and where nobody uses it,
   * the thread is ended at once and the work begins anew.
   */
  readonly signal: AbortSignal;
}

export interface NewMessage {
  /** `project_message`. */
  spec: string;
  /** `config`, a task, when absent. */
  type?: MessageType;
  /** Any value that the encoding has a form for. */
  data: unknown;
  /** `JSON` when absent. */
  encoding?: Encoding;
  /** The message that this one answers or belongs to. */
  pid?: string;
  /** Never when absent. */
  expiresInMs?: number;
}

/** Messages as they arrive. One has ended when the next is asked for, or the loop is left. */
export interface Messages<Data = unknown> extends AsyncIterable<Received<Data>> {
  [Symbol.asyncIterator](): AsyncIterator<Received<Data>, undefined>;
}

export interface FromHub {
  /**
   * Everything whose tag begins with one of the topics: `type:spec`, such as "config:example_simple"; "" is everything.
   * Asked for at once, so that nothing which is published from now on is missed.
   */
  subscribe<Data = unknown>(...topics: string[]): Messages<Data>;
}

export interface ToHub {
  /** Resolves with its id once a socket has it; waits while 1000 others do. Throws for one of more than 4 MiB. */
  send(message: NewMessage): Promise<string>;
  /** The result of a task. */
  reply(task: Received, data: unknown, encoding?: Encoding): Promise<string>;
  /** That a task failed: 500 is the component, 501 what it called, 502 what it was given. */
  fail(task: Received, code: number, message: string): Promise<string>;
}

export interface AskOptions {
  /** 10 s when absent. */
  timeoutMs?: number;
  /** Gives up, and kills nothing. */
  signal?: AbortSignal;
  /** The task that this one belongs to. */
  pid?: string;
  encoding?: Encoding;
}

/** The component's part of config.json. */
export interface Config {
  readonly name: string;
  readonly creator: string;
  /** All that stands under `params` and the component's name. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** What the work is given (MoniQue COM3: both channels in, the channel out, the status text), and what goes with it. */
export interface Context {
  readonly fromHub: FromHub;
  /** Tasks that the controller gives to this worker alone; `port` in config.json says where. */
  readonly fromController: Messages;
  readonly toHub: ToHub;
  /** The text that goes with the next heartbeats. */
  status(text: string): void;
  readonly config: Config;
  /** Aborted when the component is to end. */
  readonly signal: AbortSignal;
  /** Resolves after so many ms; rejects as soon as `signal`, or the component's own, is aborted. */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
  /** Gives a task to whoever does it -> what its result holds. Rejects with TaskError: its code and text, or 300 in time. */
  ask<Data = unknown>(spec: string, data: unknown, options?: AskOptions): Promise<Data>;
}

/** When it returns, the component ends; when it throws, that is error 500, and it begins again. */
export type Work = (context: Context) => Promise<void>;

export interface ComponentOptions {
  /** What a killed task has to end by itself, ms; 500 when absent. */
  killGraceMs?: number;
  /** The program that the thread runs; the one that was started when absent. */
  program?: string | URL;
}

/**
 * Runs `work` as the component `name` of config.json (`-f FILE`, `--config-file FILE`). The program is run twice: in the main
 * thread this call is the technical layer, heartbeats, kill and all sockets; in a thread of its own it runs `work`.
 */
export declare function component(name: string, work: Work, options?: ComponentOptions): void;

/** Does one task. What it returns is the result; what it throws is an error, TaskError with its own code. */
export type Handler = (data: never, task: Received, context: Context) => unknown;

export interface ServeOptions {
  /** `hub`: every component hears the task; `controller`: one worker is given it. `hub` when absent. */
  from?: "hub" | "controller";
  /** Tasks at one time; 1 when absent. */
  atOnce?: number;
}

/** Work that does tasks, by spec. */
export declare function serve(handlers: Readonly<Record<string, Handler>>, options?: ServeOptions): Work;

/** A task failed: thrown by ask(), and by who wants another code than 500. */
export declare class TaskError extends Error {
  constructor(code: number, message: string);
  readonly code: number;
}
