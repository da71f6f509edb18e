/**
 * One life of a simulated board, from power-on until it restarts or is switched off: its JavaScript context, the calls
 * into the program, and all that must end with it. Whatever reaches a life that is over does nothing.
 */
import type { Clock } from "../platform/clock.ts";
import { createRealm, type Realm } from "./sandbox.ts";

/** A function of the program. */
export type Callback = (...args: never[]) => unknown;

export interface RunOptions {
  clock: Clock;
  /** A line of what the program prints. */
  onPrint(line: string): void;
}

export class Run {
  readonly realm: Realm;
  /** Seconds added by setTime(). */
  timeOffset = 0;
  isOver = false;
  private readonly bornMs: number;
  private readonly cleanups = new Set<() => void>();

  constructor(private readonly options: RunOptions) {
    this.bornMs = options.clock.now();
    this.realm = createRealm({
      getTime: () => this.getTime(),
      onRejection: (reason) => this.printError(reason, "Unhandled promise rejection: "),
    });
  }

  /** Seconds since power-on: a board does not know the date until it is told. */
  getTime(): number {
    return this.uptimeS + this.timeOffset;
  }

  get uptimeS(): number {
    return (this.options.clock.now() - this.bornMs) / 1000;
  }

  print(line: string): void {
    if (!this.isOver) this.options.onPrint(line);
  }

  /** Calls the program; what it throws is printed, as on the board. */
  call(callback: unknown, ...args: unknown[]): void {
    this.callOn(undefined, callback, ...args);
  }

  /** The same, with `self` as the callback's `this`. */
  callOn(self: object | undefined, callback: unknown, ...args: unknown[]): void {
    if (this.isOver || typeof callback !== "function") return;
    this.guard(() => callback.call(self, ...args));
  }

  guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.printError(error);
    }
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

  private printError(error: unknown, prefix = ""): void {
    this.print(`Uncaught ${prefix}${String(error)}`);
    const stack = (error as { stack?: unknown } | null)?.stack;
    if (typeof stack !== "string") return;
    const places = stack.split("\n").filter((line) => /^\s+at .*\.js:\d+:\d+\)?$/.test(line));
    for (const place of places.slice(0, 5)) this.print(place);
  }
}
