/** A key stands for the newest request that was accepted with it, whatever becomes of older ones, and over restarts. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { openTestStore, outcome } from "../testing/stores.ts";
import { RequestBook } from "./request-book.ts";

const clock = { now: () => 0, wall: () => 1_795_301_705_120 };
let store: DurableStore;
let book: RequestBook;

beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.stop());

async function begin(): Promise<void> {
  book = new RequestBook(store, clock);
  await book.load();
}

/** -> its number. */
async function accept(key: string): Promise<number> {
  const asked = { device: "b", message: { ot: "l:led" }, deadline: 60_000, timeoutMs: 60_000, key };
  const { rq, accepted } = book.accept(asked);
  await accepted;
  return rq;
}

async function end(rq: number): Promise<void> {
  book.conclude(rq, { outcome: "cancelled" });
  await until(() => expect(book.isOpen(rq)).toBe(false));
}

test("while the newer one waits, and the older one comes to its outcome", async () => {
  await begin();
  const [older, newer] = [await accept("k"), await accept("k")];
  await end(older);
  expect(book.byKey("k")).toBe(newer);
  await begin();
  expect([book.byKey("k"), book.isOpen(newer)]).toEqual([newer, true]);
});

test("when the newer one came to its outcome first", async () => {
  await begin();
  const [older, newer] = [await accept("k"), await accept("k")];
  await end(newer);
  await end(older);
  expect(book.byKey("k")).toBe(newer);
  await begin();
  expect(book.byKey("k")).toBe(newer);
});

test("when numbers have begun anew in between, and the newer one has the lower number", async () => {
  await outcome((waiter) => store.put([{ key: "c/rq", value: { rq: 1e9 - 1 } }], waiter));
  await begin();
  const [older, newer] = [await accept("k"), await accept("k")];
  expect([older, newer]).toEqual([1e9, 1]);
  await end(older);
  expect(book.byKey("k")).toBe(newer);
  await begin();
  expect(book.byKey("k")).toBe(newer);
});
