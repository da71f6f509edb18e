/** The thread that does the work: a second run of the author's program, in a worker. */
import { Worker } from "node:worker_threads";
import type { ThreadEvents, WorkThread } from "./life.ts";
import type { FromWork, ToWork, WorkData } from "./words.ts";

export function startWorkThread(program: string | URL, data: WorkData, events: ThreadEvents): WorkThread {
  const worker = new Worker(program, { workerData: data, argv: process.argv.slice(2) });
  let fault = "";
  worker.on("message", (word: FromWork) => events.onWord(word));
  worker.on("messageerror", (error) => {
    fault = String(error);
  });
  worker.on("error", (error) => events.onWord({ is: "failed", text: faultText(error) }));
  worker.on("exit", (status) => {
    // process.exit() in the work means that it has ended; a thread that was ended from here has status 1.
    if (status === 0) events.onWord({ is: "ended" });
    events.onExit(fault);
  });
  return {
    post: (word: ToWork) => worker.postMessage(word),
    terminate: () => void worker.terminate(),
  };
}

/** As an error's text goes to others: without the places in the program. */
export function faultText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
