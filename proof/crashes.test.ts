/** The proof of crashes can fail: a store that does not flush, or that says too early what it has, is caught. */
import { expect, test } from "vitest";
import { CrashSchedule, noneMet } from "./crashes.ts";

test("without the flush, what was acknowledged is lost, and that is seen", async () => {
  const lost: string[] = [];
  for (let seed = 1; seed <= 20; seed++)
    await new CrashSchedule(seed, noneMet(), false).run().catch((error: Error) => lost.push(error.message));
  expect(lost.length).toBeGreaterThan(10);
  for (const words of lost) expect(words).toMatch(/acknowledged, \d+ in the store$/);
});

test("with it, the same schedules lose nothing", async () => {
  for (let seed = 1; seed <= 20; seed++) await new CrashSchedule(seed, noneMet()).run();
});
