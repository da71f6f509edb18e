/** How long an FTDI adapter holds bytes back before it hands them over: 16 ms as it comes, 1 ms at best (users 20). */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readAttribute, ttyOf } from "./usb-device.ts";

const BEST_MS = 1;
const ADAPTERS = "sys/bus/usb-serial/devices";

export interface Latency {
  /** null: the adapter has no such timer. */
  ms: number | null;
  /** What brings it down where we may not; "" when there is nothing to do. */
  advice: string;
}

/** Sets the timer of the port that `path` leads to as low as it goes, if we may. */
export async function lowerLatency(path: string, root = "/"): Promise<Latency> {
  const tty = await ttyOf(path, root);
  if (tty === "") return { ms: null, advice: "" };
  const adapter = join(root, ADAPTERS, tty);
  const before = await readAttribute(adapter, "latency_timer");
  if (before === "") return { ms: null, advice: "" };
  if (Number(before) > BEST_MS) await write(join(adapter, "latency_timer"));
  const ms = Number(await readAttribute(adapter, "latency_timer"));
  if (ms <= BEST_MS) return { ms, advice: "" };
  const advice = `the adapter holds bytes back for up to ${ms} ms; echo ${BEST_MS} | sudo tee /${ADAPTERS}/${tty}/latency_timer`;
  return { ms, advice };
}

/** Refused or not: what the timer says afterwards tells. */
async function write(file: string): Promise<void> {
  await writeFile(file, `${BEST_MS}\n`, { flag: "r+" }).catch(() => {});
}
