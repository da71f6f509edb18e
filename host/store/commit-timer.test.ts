/** When commits begin, as whoever waits for one sees it: nothing here waits for a clock. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { appendTo, openTestStore, outcome } from "../testing/stores.ts";
import type { DurableStore } from "./durable-store.ts";
import { MemoryDatabase } from "./memory-database.ts";

const record = { key: "q/1", value: { v: 1 } };
let store: DurableStore;
/** Who was told, in order. */
let told: string[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  store = await openTestStore(new MemoryDatabase(), { commitDelayMs: 1000 });
  await advance(1000);
  told = [];
  note("first", appendTo(store, "a", 1));
  await advance(0);
  expect(told).toEqual(["first"]);
  note("second", appendTo(store, "a", 2));
});

afterEach(() => {
  vi.useRealTimers();
});

function note(name: string, handed: Promise<unknown>): void {
  void handed.then(() => told.push(name));
}

/** So many ms, and the turns of the event loop in which a commit in memory is over. */
async function advance(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}

test("a message is committed at the earliest commitDelayMs after the commit before it", async () => {
  await advance(990);
  expect(told).toEqual(["first"]);
  await advance(20);
  expect(told).toEqual(["first", "second"]);
});

test("messages that wait are committed with a document that somebody waits for", async () => {
  note(
    "document",
    outcome((waiter) => store.put([record], waiter)),
  );
  await advance(0);
  expect(told.sort()).toEqual(["document", "first", "second"]);
});

test("a message that changes a document does not wait: it is a reply", async () => {
  note("reply", appendTo(store, "b", 1, { re: 1 }, { changes: [record] }));
  await advance(0);
  expect(told).toEqual(["first", "second", "reply"]);
});

test("messages do not wait when there are many of them", async () => {
  note("large", appendTo(store, "b", 1, { text: "x".repeat(40_000) }));
  await advance(0);
  expect(told).toEqual(["first", "second", "large"]);
});

test("a store that stops does not wait", async () => {
  await store.stop();
  expect(told).toEqual(["first", "second"]);
});

test("a document that may wait hurries nobody", async () => {
  store.putLater([record]);
  await advance(990);
  expect(told).toEqual(["first"]);
});
