import { expect, test } from "vitest";
import { StopSteps } from "./stop-steps.ts";

const never = () => new Promise<void>(() => {});

test("what was started last is stopped first, each after the other has ended", async () => {
  const steps = new StopSteps();
  const told: string[] = [];
  for (const name of ["store", "http", "gateway"])
    steps.push(name, async () => {
      told.push(name);
      await new Promise((resolve) => setImmediate(resolve));
      told.push(`${name} ended`);
    });
  await steps.run();
  expect(told).toEqual(["gateway", "gateway ended", "http", "http ended", "store", "store ended"]);
  await steps.run();
  expect(told).toHaveLength(6);
});

test("one that fails, or that never ends, keeps no other from being stopped", async () => {
  const steps = new StopSteps(20, 10);
  const told: string[] = [];
  steps.push("the store", async () => void told.push("store"));
  steps.push("the API", never);
  steps.push("the page", () => Promise.reject(new Error("broken")));
  await expect(steps.run()).rejects.toThrow("broken");
  expect(told).toEqual(["store"]);
});

test("what was left is named, with exit code 6", async () => {
  const steps = new StopSteps(20, 10);
  steps.push("the boards and gateways", never);
  await expect(steps.run()).rejects.toMatchObject({
    code: "STOP_TIMEOUT",
    exitCode: 6,
    message: expect.stringMatching(/^stopping the boards and gateways: not ended within 0 s, and left/),
  });
});
