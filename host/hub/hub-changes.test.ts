/** Who is told of changes, and how many at once. */
import { beforeEach, expect, test } from "vitest";
import { type HubChange, HubChanges } from "./hub-changes.ts";

const task = (id: string): HubChange => ({ kind: "task", id });
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

let changes: HubChanges;
let told: HubChange[];
beforeEach(() => {
  changes = new HubChanges();
  told = [];
});
function listen(): () => void {
  // What a test leaves untold is told after it.
  const heard = told;
  return changes.subscribe((change) => void heard.push(change));
}

test("what changes while nobody listens is told to nobody later", async () => {
  changes.add("a", task("a"));
  listen();
  changes.add("b", task("b"));
  await turn();
  expect(told).toEqual([task("b")]);
});

test("what changes twice in a turn is told once, as it is then", async () => {
  listen();
  changes.add("a", { kind: "component", name: "before" });
  changes.add("a", { kind: "component", name: "after" });
  await turn();
  expect(told).toEqual([{ kind: "component", name: "after" }]);
});

test("of a flood 500 are told in a turn, the rest in those that follow", async () => {
  listen();
  for (let i = 0; i < 1200; i++) changes.add(`${i}`, task(`${i}`));
  const counts: number[] = [];
  for (let i = 0; i < 4; i++) {
    await turn();
    counts.push(told.length);
  }
  expect(counts).toEqual([500, 1000, 1200, 1200]);
});

test("above 20 000 that wait the oldest are not told, and counted", async () => {
  listen();
  for (let i = 0; i < 20_003; i++) changes.add(`${i}`, task(`${i}`));
  expect(changes.missed).toBe(3);
  await turn();
  expect(told[0]).toEqual(task("3"));
});

test("who has ended it is told nothing more", async () => {
  const stop = listen();
  stop();
  changes.add("a", task("a"));
  await turn();
  expect([told, changes.isHeard]).toEqual([[], false]);
});
