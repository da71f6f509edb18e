/** A component of MoniQue: the technical layer in the main thread, the author's work in one of its own. */
import { basename } from "node:path";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../host/platform/clock.ts";
import { BowlineError, ExitCode, formatError } from "../host/platform/errors.ts";
import type * as Api from "./api.d.ts";
import { openLog } from "./component-log.ts";
import { askedUsage, type ComponentSettings, readSettings } from "./settings.ts";
import { Technical } from "./technical.ts";
import type { WorkData } from "./words.ts";
import { WorkSide } from "./work.ts";
import { startWorkThread } from "./work-thread.ts";

export { serve } from "./serve.ts";
export { TaskError } from "./task-error.ts";

/** For work that notices a signal at its next step. */
const KILL_GRACE_MS = 500;

/** Of this process: a program may hold several. */
const running = new Set<Technical>();

export const component: typeof Api.component = (name, work, options = {}) => {
  const data = workerData as Partial<WorkData> | null;
  if (isMainThread || data?.bowlineComponent === undefined) return startTechnical(name, options);
  // In the thread of another component of this program, there is nothing to do for this one.
  if (data.bowlineComponent.name === name) void new WorkSide(data as WorkData, parentPort!).run(work);
};

function startTechnical(
  name: string,
  { killGraceMs = KILL_GRACE_MS, program = process.argv[1] }: Api.ComponentOptions,
): void {
  if (program === undefined)
    throw new TypeError("component(): no program to run in a thread; allowed a file, by `program`");
  const usage = askedUsage(basename(String(program)), process.argv.slice(2));
  if (usage !== undefined) {
    console.log(usage);
    process.exit();
  }
  const settings = settingsOf(name);
  const log = openLog(name, settings.logfile);
  const technical = new Technical(
    settings,
    {
      clock: systemClock,
      random: Math.random,
      log,
      startThread: (data, events) => startWorkThread(program, data, events),
    },
    killGraceMs,
  );
  if (running.size === 0) for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, endAll);
  running.add(technical);
  technical.start();
  void technical.ended.then(() => {
    running.delete(technical);
    // What the program has begun outside its work must not keep it.
    if (running.size === 0) process.exit();
  });
}

/** A configuration that is wrong is told, and ends it. */
function settingsOf(name: string): ComponentSettings {
  try {
    return readSettings(name, process.argv.slice(2));
  } catch (error) {
    console.error(formatError(error));
    process.exit(error instanceof BowlineError ? error.exitCode : ExitCode.failure);
  }
}

/** A second signal does not wait. */
function endAll(signal: NodeJS.Signals): void {
  const status = signal === "SIGINT" ? ExitCode.interrupted : ExitCode.ok;
  if (process.exitCode !== undefined) process.exit(status);
  process.exitCode = status;
  for (const technical of running) void technical.stop();
}
