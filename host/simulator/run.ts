/**
 * One life of a simulated board's program, from its start until the next one, or power-off: its JavaScript context, the
 * calls into the program, and all that must end with it. Whatever reaches a life that is over does nothing.
 */
import type { Clock } from "../platform/clock.ts";
import { wordsOf } from "./board-words.ts";
import { createRealm, type Realm } from "./sandbox.ts";
import { returnsWithin } from "./time-limit.ts";

/** A function of the program. */
export type Callback = (...args: never[]) => unknown;

export interface RunOptions {
  clock: Clock;
  /** How long files at boot, and calls from timers and events, may take before they count as endless. It costs a thread each. */
  loopLimitMs?: number;
  /** A line of what the program prints. */
  onPrint(line: string): void;
  /** What eval() is given: the name it has in stack traces. */
  nameOf?(source: string): string | undefined;
}

/** What became of a statement or a file. */
export type Outcome = { value: unknown } | { error: unknown } | "stuck";

/** The program is in a loop that does not end. */
export interface Stuck {
  in: "code" | "event" | "interval";
  /** Called when it has been interrupted. */
  onEnd?(): void;
}

/** What a statement may take, unless another limit is given: people type loops. */
const STATEMENT_LIMIT_MS = 5000;
/** Lines of a call that has not returned: it prints, as far as anybody can see, for ever. */
const PRINTS_ON = 50;
/** Lines in one call: whoever prints more never ends, and would fill this process's memory until that is known. */
const MANY_LINES = 10_000;
/** Between two lines of an endless loop that prints: a cable would bring more, nobody reads more. */
const LOOP_PRINT_MS = 20;
/** Calls that wait until an endless loop is interrupted; a board has about as much room for events. */
const MAX_DEFERRED = 100;

export class Run {
  readonly realm: Realm;
  /** Seconds added by setTime(). */
  timeOffset = 0;
  isOver = false;
  stuck: Stuck | undefined;
  /** Bytes of program text that it runs. */
  loadedBytes = 0;
  private readonly bornMs: number;
  private readonly cleanups = new Set<() => void>();
  private deferred: (() => void)[] = [];
  private linesInCall = 0;
  private lastLine = "";
  /** Within a call whose time is limited. */
  private isLimited = false;
  private loopPrinter: NodeJS.Timeout | undefined;

  constructor(private readonly options: RunOptions) {
    this.bornMs = options.clock.now();
    this.realm = createRealm({
      getTime: () => this.getTime(),
      onRejection: (reason) => this.printError(reason, "Unhandled promise rejection: "),
      onEval: (source) => {
        this.loadedBytes += source.length;
        return options.nameOf?.(source) ?? "eval.js";
      },
    });
    this.atEnd(() => clearInterval(this.loopPrinter));
  }

  /** Seconds since power-on: a board does not know the date until it is told. */
  getTime(): number {
    return this.uptimeS + this.timeOffset;
  }

  get uptimeS(): number {
    return (this.options.clock.now() - this.bornMs) / 1000;
  }

  print(line: string): void {
    if (this.isOver || this.linesInCall > MANY_LINES) return;
    if (this.isLimited) this.linesInCall++;
    this.lastLine = line;
    this.options.onPrint(line);
  }

  /** Runs a statement. */
  evaluate(source: string, file: string, limitMs = this.options.loopLimitMs ?? STATEMENT_LIMIT_MS): Outcome {
    let value: unknown;
    try {
      const hasReturned = this.within(limitMs, () => {
        value = this.realm.run(source, file);
      });
      if (hasReturned) return { value };
    } catch (error) {
      return { error };
    }
    this.stuck = { in: "code" };
    return "stuck";
  }

  /** Runs a file; what it throws is printed. */
  load(source: string, file: string): void {
    this.loadedBytes += source.length;
    const outcome = this.evaluate(source, file, this.options.loopLimitMs ?? Number.POSITIVE_INFINITY);
    if (outcome !== "stuck" && "error" in outcome) this.printError(outcome.error);
  }

  /** Calls the program; what it throws is printed, as on the board. */
  call(callback: unknown, ...args: unknown[]): void {
    this.callOn(undefined, callback, ...args);
  }

  /** The same, with `self` as the callback's `this`. */
  callOn(self: object | undefined, callback: unknown, ...args: unknown[]): void {
    if (this.isOver || typeof callback !== "function") return;
    if (this.stuck) return this.afterLoop(() => this.callOn(self, callback, ...args));
    const { loopLimitMs } = this.options;
    try {
      if (loopLimitMs === undefined) callback.call(self, ...args);
      else if (!this.within(loopLimitMs, () => callback.call(self, ...args))) this.stuck = { in: "event" };
    } catch (error) {
      this.printError(error);
    }
  }

  /** Runs `task` once the endless loop has been interrupted. */
  afterLoop(task: () => void): void {
    if (this.deferred.length < MAX_DEFERRED) this.deferred.push(task);
  }

  /** Ctrl-C: the loop ends, and what waited for it happens. */
  interrupt(): void {
    const { stuck, deferred } = this;
    this.stuck = undefined;
    this.deferred = [];
    this.endLoop();
    stuck?.onEnd?.();
    for (const task of deferred) this.later(task);
  }

  /** Runs `task` when the program has returned: what happens outside never interrupts it. */
  later(task: () => void): void {
    const handle = setImmediate(() => {
      this.cleanups.delete(cancel);
      task();
    });
    const cancel = this.atEnd(() => clearImmediate(handle));
  }

  /** Registers what to undo at the end; returns it, for forget(). */
  atEnd(cleanup: () => void): () => void {
    this.cleanups.add(cleanup);
    return cleanup;
  }

  forget(cleanup: () => void): void {
    this.cleanups.delete(cleanup);
  }

  end(): void {
    this.isOver = true;
    for (const cleanup of [...this.cleanups].reverse()) cleanup();
    this.cleanups.clear();
  }

  private within(limitMs: number, task: () => void): boolean {
    if (limitMs === Number.POSITIVE_INFINITY) {
      task();
      return true;
    }
    this.isLimited = true;
    try {
      const hasReturned = returnsWithin(limitMs, task);
      if (hasReturned) this.endLoop();
      else if (this.linesInCall > PRINTS_ON) this.printOn();
      return hasReturned;
    } finally {
      this.isLimited = false;
    }
  }

  /** The loop goes on, as far as anybody can see. */
  private printOn(): void {
    clearInterval(this.loopPrinter);
    this.loopPrinter = setInterval(() => this.options.onPrint(this.lastLine), LOOP_PRINT_MS);
  }

  private endLoop(): void {
    this.linesInCall = 0;
    clearInterval(this.loopPrinter);
  }

  private printError(error: unknown, prefix = ""): void {
    this.print(`Uncaught ${prefix}${wordsOf(error)}`);
    const stack = (error as { stack?: unknown } | null)?.stack;
    if (typeof stack !== "string") return;
    const places = stack.split("\n").filter((line) => /^\s+at .*(?:\.js|\.boot\w+):\d+:\d+\)?$/.test(line));
    for (const place of places.slice(0, 5)) this.print(place);
  }
}
