/**
 * Waits until this process has a port open no more, as the kernel sees it. A transport that is given up says that it is
 * gone although its descriptor may stay for a while; who is lent the port would find it busy.
 */
import { readdir, readlink, realpath } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { BowlineError, ExitCode } from "../platform/errors.ts";

const LOOK_MS = 10;
/** Closing waits for `stty` (1 s at most) and for what the kernel still holds, which was flushed by then. */
const LONGEST_MS = 5000;

const OWN_DESCRIPTORS = "/proc/self/fd";

/** Rejects with PORT_STUCK. Where there is no /proc nothing can be seen, and nothing is waited for. */
export async function whenReleased(path: string, longestMs = LONGEST_MS): Promise<void> {
  for (let waitedMs = 0; await isOpenHere(path); waitedMs += LOOK_MS) {
    if (waitedMs >= longestMs) throw stuck(path, longestMs);
    await sleep(LOOK_MS);
  }
}

async function isOpenHere(path: string): Promise<boolean> {
  const device = await realpath(path).catch(() => "");
  if (device === "") return false;
  const descriptors = await readdir(OWN_DESCRIPTORS).catch(() => []);
  // One that was closed meanwhile leads nowhere.
  const links = await Promise.all(
    descriptors.map((fd) => readlink(`${OWN_DESCRIPTORS}/${fd}`).catch(() => "")),
  );
  return links.includes(device);
}

function stuck(path: string, longestMs: number): BowlineError {
  const text = `closing serial port ${path}: the gateway still has it open after ${longestMs / 1000} s`;
  return new BowlineError("PORT_STUCK", text, ExitCode.busy, "unplug the board and plug it in again");
}
