/** What takes long says so on a terminal: for how long it has been waited, and for what. */
import { formatAge } from "../output/amounts.ts";
import type { Terminal } from "./terminal.ts";

/** What is there sooner needs no line. */
const STEP_MS = 1000;

export type Watched = Pick<Terminal, "progress">;

/** The outcome of `work`; `what` is waited for: "sim-1". */
export async function whileWaiting<T>(terminal: Watched, what: string, work: Promise<T>): Promise<T> {
  const begin = performance.now();
  let isShown = false;
  const timer = setInterval(() => {
    isShown = true;
    terminal.progress(`waiting for ${what}: ${formatAge(performance.now() - begin)}`);
  }, STEP_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (isShown) terminal.progress("");
  }
}
