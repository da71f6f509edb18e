/** A simulated board in a process of its own, started again whenever it dies. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { BowlineError } from "../../platform/errors.ts";
import { removeLink } from "../../transports/terminal-link.ts";
import type { ChildMessage } from "../process/parent.ts";

export interface SimulatedChildOptions {
  /** This program: what node runs. */
  program: string;
  id: string;
  /** `--serial PATH` or `--tcp HOST:PORT`. */
  target: readonly string[];
  /** Its terminal's link, removed when it could not do so itself: the number may soon be another terminal's. */
  link?: string;
  intervalS: number;
  /** It died and will be started again. */
  onDied(id: string, text: string): void;
}

/** Told to a person at each step: round numbers, and no jitter (platform/backoff.ts), for one board alone waits. */
const BACKOFF_MS = [500, 1000, 2000, 5000, 10_000, 30_000];
/** A board that ran so long died of something new. */
const HEALTHY_MS = 10_000;
const READY_TIMEOUT_MS = 20_000;
/** What it gets to switch off by itself. */
const STOP_GRACE_MS = 2000;

export class SimulatedChild {
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private failures = 0;

  constructor(private readonly options: SimulatedChildOptions) {}

  /** Resolves when the board runs; rejects with the code of its error when it does not come that far. */
  async start(): Promise<void> {
    const child = this.spawn();
    await ready(child, this.options.id);
    this.keep(child);
  }

  /** From now on its end is no news: everything is being stopped. */
  expectEnd(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** Switches it off; resolves when its process has gone. */
  async stop(): Promise<void> {
    this.expectEnd();
    const { child } = this;
    if (child === undefined || hasEnded(child)) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS);
    await gone;
    clearTimeout(force);
  }

  private spawn(): ChildProcess {
    const { program, id, target, intervalS } = this.options;
    const args = [program, "sim", ...target, "--id", id, "--interval", String(intervalS)];
    // detached: a Ctrl-C at the terminal is for the gateway, which stops its boards itself.
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      detached: true,
    });
    this.child = child;
    return child;
  }

  /** Watches a child that runs. */
  private keep(child: ChildProcess): void {
    const since = performance.now();
    const onEnd = (code: number | null, signal: string | null) => {
      if (this.options.link !== undefined) removeLink(this.options.link);
      if (this.isStopped) return;
      if (performance.now() - since > HEALTHY_MS) this.failures = 0;
      this.again(describeEnd(code, signal));
    };
    if (hasEnded(child)) onEnd(child.exitCode, child.signalCode);
    else child.once("exit", onEnd);
  }

  private again(why: string): void {
    const { id, onDied } = this.options;
    const delayMs = BACKOFF_MS[Math.min(this.failures++, BACKOFF_MS.length - 1)];
    onDied(id, `simulated board ${why}; starting it again in ${delayMs / 1000} s`);
    this.timer = setTimeout(() => void this.restart(), delayMs);
  }

  private async restart(): Promise<void> {
    try {
      await this.start();
    } catch (error) {
      if (!this.isStopped) this.again(`did not start (${(error as Error).message})`);
    }
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Resolves at the child's word that it runs; rejects with its own error where it gave one. */
function ready(child: ChildProcess, id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let error: BowlineError | undefined;
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(error ?? new BowlineError("CHILD_FAILED", `starting the simulated board ${id}: ${why}`));
    };
    const timer = setTimeout(() => child.kill("SIGKILL"), READY_TIMEOUT_MS);
    child.on("message", (message: ChildMessage) => {
      if ("error" in message) {
        const { code, message: text, exitCode, mend } = message.error;
        error = new BowlineError(code, text, exitCode, mend);
        return;
      }
      clearTimeout(timer);
      resolve();
    });
    child.once("error", (cause) => fail(cause.message));
    child.once("close", (code, signal) => fail(describeEnd(code, signal)));
  });
}

function describeEnd(code: number | null, signal: string | null): string {
  return `ended (${signal ?? `exit code ${code}`})`;
}
