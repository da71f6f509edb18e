/** Processes of this same program: a contender, its other end, a probe; with --profile each writes down where its time went. */
import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { type Profiler, Session } from "node:inspector";
import { join } from "node:path";

/** Inherited by the children of children. */
const FOLDER = "BENCH_PROFILE";

/** From now on every process that begins writes its CPU profile into `folder` when it ends. */
export function profileInto(folder: string): void {
  mkdirSync(folder, { recursive: true });
  process.env[FOLDER] = folder;
}

/** What it logs is seen; it ends with its channel. */
export function forkSelf(args: readonly string[], execArgv: readonly string[] = []): ChildProcess {
  return fork(process.argv[1], [...args], {
    execArgv: [...execArgv],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

let session: Session | null = null;

/** This process begins its work, where it has not before: what was loaded and compiled until now is not counted. */
export function beginProfile(): void {
  if (session !== null || process.env[FOLDER] === undefined) return;
  session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.start");
}

/** The work of this process, which has that name, is over. */
export function endProfile(name: string): void {
  session?.post("Profiler.stop", (error: Error | null, { profile }: Profiler.StopReturnType) => {
    if (error !== null) throw error;
    const file = `${name.replace(/[^\w.-]+/g, "-")}.${process.pid}.cpuprofile`;
    writeFileSync(join(process.env[FOLDER]!, file), JSON.stringify(profile));
  });
}
