/**
 * A worker as an author writes one. It writes down each task that it begins and ends in a file of its own, where kill -9 does
 * not reach, so that what was done is counted where it was done. SIGUSR2: it prints what its process has to do with.
 */
import { appendFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { component, serve } from "bowline/component";

interface Work {
  i: number;
  ms: number;
  /** heeds: it ends when it is told to; computes: it never listens. */
  how: "heeds" | "computes";
}

if (isMainThread)
  process.on("SIGUSR2", () =>
    console.log(`resources ${JSON.stringify(process.getActiveResourcesInfo().sort())}`),
  );

const work = serve(
  {
    proof_work: async ({ i, ms, how }: Work, task, { config, pause, status }) => {
      const write = (what: string) => appendFileSync(String(config.params.ledger), `${what} ${task.id}\n`);
      write("begin");
      status(`task ${i}`);
      if (how === "heeds") await pause(ms, task.signal);
      else for (const end = performance.now() + ms; performance.now() < end; );
      write("end");
      return { i };
    },
  },
  { from: "controller" },
);

component("proof_worker", work, { killGraceMs: 200 });
