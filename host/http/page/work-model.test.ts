import { expect, test } from "vitest";
import type { Component, Task } from "./shapes.ts";
import { isWell, MAX_INSTANCES, MAX_TASKS, unwellWords, WorkModel } from "./work-model.ts";

const component = (name: string, fields: Partial<Component> = {}): Component => ({
  ...{ name, creator: "c", state: "alive", isDown: false, isSilent: false, message: "" },
  ...{ heardAt: 1, rhythmMs: 60_000, invalid: 0, address: "here" },
  ...fields,
});

const task = (id: string, fields: Partial<Task> = {}): Task => ({
  ...{ id, spec: "a_b", creator: "c", parent: "", state: "queued", on: "", at: 1, isSilent: false },
  ...fields,
});

const shown = ({ all }: WorkModel) => all.map(({ name, address }) => `${name} ${address}`);
const ids = ({ rows }: WorkModel) => rows.map((row) => row.task.id);

test.each([
  [{ state: "late" }, false],
  [{ state: "dead" }, false],
  [{ isDown: true }, false],
  [{ isSilent: true }, false],
  [{ state: "recovered" }, true],
  [{ state: "unknown" }, true],
] as [Partial<Component>, boolean][])("whether a component is well that is %j: %j", (fields, expected) => {
  expect(isWell(component("a", fields))).toBe(expected);
});

test.each([
  [[{}, { state: "recovered" }], "all well"],
  [[{}, { isDown: true }], "1 down"],
  [[{ state: "dead", isDown: true }, { isDown: true }, { state: "late", isSilent: true }], "2 down, 1 late"],
  [[{ isSilent: true }], "1 silent"],
] as [Partial<Component>[], string][])("what is said of components that are %j: %j", (fields, expected) => {
  expect(unwellWords(fields.map((one, i) => component(`${i}`, one)))).toBe(expected);
});

test("components stand by name, and stay there when they are not well", () => {
  const work = new WorkModel();
  work.takeComponents([component("c"), component("b", { state: "dead" }), component("a")]);
  work.takeComponent(component("c", { isDown: true }));
  expect(shown(work)).toEqual(["a here", "b here", "c here"]);
});

test("instances of one name are apart by where they speak from", () => {
  const work = new WorkModel();
  work.takeComponents([component("a", { address: "1" })]);
  work.takeComponent(component("a", { address: "2" }));
  work.takeComponent(component("a", { address: "1", message: "new" }));
  expect(shown(work)).toEqual(["a 1", "a 2"]);
  expect(work.all[0].message).toBe("new");
});

test("an instance that comes anew from another address for weeks takes no more room than a day's", () => {
  const work = new WorkModel();
  const before = Array.from({ length: MAX_INSTANCES - 1 }, (_, i) =>
    component("a", { address: `${i + 1}`, heardAt: i + 1 }),
  );
  work.takeComponents([component("b", { heardAt: 10 * MAX_INSTANCES }), ...before]);
  const last = MAX_INSTANCES + 4;
  for (let i = MAX_INSTANCES; i <= last; i++)
    work.takeComponent(component("a", { address: `${i}`, heardAt: i }));
  expect(work.all.length).toBe(MAX_INSTANCES);
  const kept = new Set(shown(work));
  expect(["b here", `a ${last}`, "a 1"].map((one) => kept.has(one))).toEqual([true, true, false]);
});

test("the task that changed last stands first, its children below it", () => {
  const work = new WorkModel();
  work.takeTasks([task("c", { parent: "a", at: 3 }), task("b", { at: 2 }), task("a", { at: 1 })]);
  expect(ids(work)).toEqual(["b", "a", "c"]);
  work.takeTask(task("a", { at: 4, state: "running" }));
  expect(ids(work)).toEqual(["a", "c", "b"]);
  expect(work.rows[0]).toEqual({ task: task("a", { at: 4, state: "running" }), depth: 0 });
});

test("weeks of tasks take no more room than a day's, nor do the kills of those that are shown no more", () => {
  const work = new WorkModel();
  for (let i = 0; i < 10 * MAX_TASKS; i++) {
    work.takeTask(task(`t-${i}`, { at: i }));
    work.kills.set(`t-${i}`, { is: "asked" });
  }
  expect(work.rows).toHaveLength(MAX_TASKS);
  expect(ids(work)[0]).toBe(`t-${10 * MAX_TASKS - 1}`);
  expect(work.kills.size).toBe(MAX_TASKS);
});
