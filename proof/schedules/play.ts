/** Plays many schedules of one world. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Orders, Report } from "./player.ts";
import type { Focus } from "./wheel.ts";

/** Schedules `seed` … `seed + count − 1` in so many threads, until one breaks a promise. */
export async function playMany(
  world: string,
  seed: number,
  count: number,
  focus: Focus = {},
  story: Orders["story"] = "",
  threads = availableParallelism(),
): Promise<Report> {
  const number = Math.min(threads, count);
  const orders = { stride: number, end: seed + count, focus, story };
  const workers = Array.from(
    { length: number },
    (_, i) => new Worker(world, { eval: true, workerData: { ...orders, first: seed + i } satisfies Orders }),
  );
  const reports: Report[] = [];
  await new Promise<void>((resolve, reject) => {
    for (const worker of workers) {
      worker.on("message", (report: Report) => {
        reports.push(report);
        if (report.broken !== null || reports.length === number) resolve();
      });
      worker.on("error", reject);
    }
  });
  await Promise.all(workers.map((worker) => worker.terminate()));
  const total: Report = { played: 0, steps: 0, packets: 0, requests: 0, broken: null };
  for (const { played, steps, packets, requests, broken } of reports) {
    total.played += played;
    total.steps += steps;
    total.packets += packets;
    total.requests += requests;
    if (broken !== null && (total.broken === null || broken.seed < total.broken.seed)) total.broken = broken;
  }
  return total;
}
