/** The newest values of boards, over repeats, restarts and messages of any size. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DurableStore } from "../store/durable-store.ts";
import { appendTo, openTestStore } from "../testing/stores.ts";
import { BoardStates } from "./board-states.ts";

let store: DurableStore;
let states: BoardStates;
let cursor: number;
const newStates = () =>
  new BoardStates(
    store,
    () => cursor,
    ({ device }) => device !== "not",
  );
beforeEach(async () => {
  store = await openTestStore();
  cursor = 1;
  states = newStates();
});
afterEach(() => store.stop());

const take = (n: number, message: object, device = "a") =>
  states.take({ n, device, epoch: "e", seq: n, at: n, message: message as Record<string, unknown> });
const types = () => states.of("a")?.types;

test("each type has its newest values, without what is the protocol's own", () => {
  take(1, { ot: "l:temp", t: 5, v: 1, old: true });
  take(2, { ot: "l:hum", v: 40 });
  take(3, { ot: "l:temp", t: 6, v: 2 });
  expect(types()).toEqual({ "l:hum": { v: 40 }, "l:temp": { v: 2 } });
});

test("what is new in shape is told apart from what is new in value", () => {
  expect(take(1, { ot: "x", v: 1 })).toBe("shape");
  expect(take(2, { ot: "x", v: 2 })).toBe("values");
  expect(take(3, { ot: "x", v: true })).toBe("shape");
  expect(take(4, { ot: "x", w: true })).toBe("shape");
  expect(take(5, { ot: "y", w: true })).toBe("shape");
});

test("a message that comes again after a newer one changes nothing", () => {
  take(2, { ot: "l:temp", v: 2 });
  expect(take(1, { ot: "l:temp", v: 1 })).toBe("none");
  expect(take(2, { ot: "l:temp", v: 1 })).toBe("none");
  expect(types()).toEqual({ "l:temp": { v: 2 } });
});

test.each([
  { v: 1 },
  { ot: "", v: 1 },
  { ot: "l:info", re: 7 },
  { kill: 3, ot: "x" },
  { ot: "x".repeat(65) },
])("%j has no values", (message) => {
  expect(take(1, message)).toBe("none");
  expect(types()).toBeUndefined();
});

const commit = () =>
  new Promise<void>((resolve) => store.put([], { onCommitted: resolve, onFailed: () => resolve() }));

test("they are there after a restart, and gone once the board is forgotten", async () => {
  take(1, { ot: "l:temp", v: 1 });
  states.stop();
  await commit();
  states = newStates();
  await states.load();
  expect(types()).toEqual({ "l:temp": { v: 1 } });
  states.forget("a");
  await commit();
  states = newStates();
  await states.load();
  expect([...states.boards()]).toEqual([]);
});

test("what was handed on after they were kept is in them after a kill -9, and nothing else", async () => {
  await appendTo(store, "a", 1, { ot: "l:temp", v: 1 });
  cursor = 2;
  take(1, { ot: "l:temp", v: 1 });
  states.stop();
  await commit();
  for (let v = 2; v <= 600; v++) await appendTo(store, v % 2 === 0 ? "a" : "not", v, { ot: "l:temp", v });
  await appendTo(store, "a", 601, { ot: "l:temp", v: 601 });
  cursor = 601;
  states = newStates();
  await states.load();
  expect(types()).toEqual({ "l:temp": { v: 600 } });
  expect([...states.boards()]).toEqual(["a"]);
});

test("a large message keeps what is small in it; of more types than there is room for the oldest goes", () => {
  take(1, { ot: "big", text: "x".repeat(5000), v: 1, list: [1], ok: true });
  expect(types()).toEqual({ big: { v: 1, ok: true } });
  for (let i = 2; i <= 65; i++) take(i, { ot: `t${i}`, v: i });
  expect(Object.keys(types() ?? {})).toHaveLength(64);
  expect(types()).not.toHaveProperty("big");
});
