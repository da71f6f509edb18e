import { expect, test } from "vitest";
import { type Step, Steps } from "./steps.ts";

/** A step that writes down what becomes of it. */
function step(told: string[], name: string, more: Partial<Step> = {}): Step {
  return { name, start: () => told.push(`${name} starts`), stop: () => told.push(`${name} stops`), ...more };
}

const fails = (why: string) => () => Promise.reject(new Error(why));

test("what was started last is stopped first, and once", async () => {
  const told: string[] = [];
  const steps = new Steps([step(told, "a"), step(told, "b"), { name: "nothing" }, step(told, "c")]);
  await steps.start();
  await steps.stop();
  await steps.stop();
  expect(told).toEqual(["a starts", "b starts", "c starts", "c stops", "b stops", "a stops"]);
});

test("after a step that fails what was begun is stopped, that step with it, and the rest is left alone", async () => {
  const told: string[] = [];
  const steps = new Steps([step(told, "a"), step(told, "b", { start: fails("no port") }), step(told, "c")]);
  await expect(steps.start()).rejects.toThrow("no port");
  await steps.stop();
  expect(told).toEqual(["a starts", "b stops", "a stops"]);
});

test("each is stopped whatever becomes of the others, and the first failure is told", async () => {
  const told: string[] = [];
  const steps = new Steps([
    step(told, "a"),
    step(told, "b", { stop: fails("second") }),
    step(told, "c", { stop: fails("first") }),
  ]);
  await steps.start();
  await expect(steps.stop()).rejects.toThrow("first");
  expect(told.at(-1)).toBe("a stops");
});

test("nothing waits for a step that ends slowly but the end of all", async () => {
  const told: string[] = [];
  let end = () => {};
  const goodbye = new Promise<void>((resolve) => {
    end = resolve;
  }).then(() => told.push("c has stopped"));
  const stop = () => {
    told.push("a stops");
    end();
  };
  const steps = new Steps([
    step(told, "a", { stop }),
    step(told, "c", { stop: () => goodbye, endsSlowly: true }),
  ]);
  await steps.start();
  await steps.stop();
  expect(told.slice(2)).toEqual(["a stops", "c has stopped"]);
});
