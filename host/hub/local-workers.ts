/** Workers that live in this process: the boards. */
import type { Message } from "../monique/message.ts";

export interface LocalTask {
  /** 40 letters and digits. */
  id: string;
  spec: string;
  /** Valid for as long as anybody holds it. */
  message: Message;
}

/** Exactly one of onResult and onError is called, once, at any time, also within run(). */
export interface LocalTaskEvents {
  /** `on`: who does it now. */
  onRunning(on: string): void;
  onResult(value: unknown): void;
  onError(code: number, message: string): void;
}

/**
 * withdrawn: it never left; told: the worker was told to stop; passed on: whoever tells it has taken it; unknown: no such task is
 * with it.
 */
export type LocalKill = "withdrawn" | "told" | "passed on" | "unknown";

export interface LocalWorkers {
  /** Whether tasks of this spec are theirs, also while the board is away. */
  accepts(spec: string): boolean;
  /** Why tasks of this spec are nobody's here, though it begins as theirs do; undefined: they may be somebody's. */
  refusal(spec: string): string | undefined;
  /** Idempotent by id: what was open is handed over again after a restart. */
  run(task: LocalTask, events: LocalTaskEvents): void;
  /** A killed task ends by onError all the same, which the hub then ignores. */
  kill(id: string): Promise<LocalKill>;
  /** Component names that nobody else may speak under. */
  names(): ReadonlySet<string>;
}
