/** Which tasks are remembered, and for how long, in simulated time. */
import { beforeEach, expect, test } from "vitest";
import type { Task } from "./task.ts";
import { TaskRegistry } from "./task-registry.ts";

const WALL = 1_795_301_705_000;
let now = 0;
let ended: string[] = [];
let overdue: string[] = [];
let registry: TaskRegistry;
let count = 0;

beforeEach(() => {
  now = 0;
  count = 0;
  ended = [];
  overdue = [];
  registry = new TaskRegistry(
    { now: () => now, wall: () => WALL + now },
    {
      onChanged: () => {},
      onEnded: ({ id, state }) => void ended.push(`${id} ${state}`),
      onForgotten: () => {},
      onOverdue: ({ id }) => void overdue.push(id),
      onSilent: () => {},
    },
  );
});

function add(fields: { expiresAt?: number; parent?: string } = {}): Task {
  const id = `t${++count}`;
  const known = { id, spec: "example_radio", creator: "c", parent: "", createdAt: WALL, expiresAt: 0 };
  return registry.add({ ...known, ...fields }, "everyone");
}

test("of published tasks that nobody answers the newest 10 000 are known; one that is waited for is told its end", () => {
  const first = add();
  const second = add();
  second.isAwaited = true;
  for (let i = 0; i < 10_000; i++) add();
  expect(registry.get(first.id)).toBeUndefined();
  expect(ended).toEqual(["t2 error"]);
  expect(second.answer?.error?.message).toBe("nobody answered it, and too many such tasks are open");
  expect(registry.count).toBe(10_001);
});

test("those that have been silent for long go before those that were heard of lately", () => {
  const silent = add();
  now = 299_999;
  registry.tick();
  expect(silent.isSilent).toBe(false);
  const later = add();
  now = 300_000;
  registry.tick();
  expect([silent.isSilent, later.isSilent]).toEqual([true, false]);
  for (let i = 0; i < 9_999; i++) add();
  expect([registry.get(silent.id), registry.get(later.id)]).toEqual([undefined, later]);
});

test("of those that have ended the newest are known, 10 000 of them, and 16 MiB of their answers", () => {
  const first = add();
  registry.end(first, "result", { on: "w" });
  for (let i = 0; i < 10_000; i++) registry.end(add(), "result", { on: "w" });
  expect(registry.get(first.id)).toBeUndefined();
  expect(registry.count).toBe(10_000);
  const big = () =>
    registry.end(add(), "result", { on: "w", encoding: "JSON", data: new Uint8Array(6 << 20) });
  big();
  big();
  big();
  expect([...registry.all()].map(({ id }) => id)).toEqual([`t${count - 1}`, `t${count}`]);
});

test("parents know their children as long as both are known", () => {
  const parent = add();
  const child = add({ parent: parent.id });
  expect([...parent.children!]).toEqual([child]);
  registry.end(child, "result", { on: "w" });
  for (let i = 0; i < 10_000; i++) registry.end(add(), "result", { on: "w" });
  expect([...parent.children!]).toEqual([]);
});

test("the end of its time is told once, an end before that ends the waiting, and a clock put right changes nothing", () => {
  add({ expiresAt: WALL + 100 });
  const answered = add({ expiresAt: WALL + 50 });
  add({ expiresAt: 8e15 });
  expect(registry.deadline).toBe(50);
  registry.end(answered, "result", { on: "w" });
  expect(registry.deadline).toBe(100);
  now = 99;
  registry.tick();
  expect(overdue).toEqual([]);
  now = 100;
  registry.tick();
  registry.tick();
  expect(overdue).toEqual(["t1"]);
});

test("what ends ends once", () => {
  const task = add();
  registry.end(task, "killed", { on: "" });
  registry.end(task, "result", { on: "w" });
  registry.setState(task, "running", "w");
  expect([task.state, ended]).toEqual(["killed", ["t1 killed"]]);
});

test("an id is registered once", () => {
  add();
  count = 0;
  expect(() => add()).toThrow("task t1 is registered a second time");
});

test("of the children of one task 1000 are remembered", () => {
  const parent = add();
  for (let i = 0; i < 1001; i++) add({ parent: parent.id });
  expect([parent.children!.size, registry.count]).toEqual([1000, 1002]);
});
