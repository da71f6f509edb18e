/** Messages that came through another gateway: whose numbers they carry, and whose are raised. */
import { expect, test } from "vitest";
import { appendTo, newTestStore, openTestStore, outcome } from "../testing/stores.ts";
import { MemoryDatabase } from "./memory-database.ts";

const through = (seq: number) => ({ device: "~42.17.2", epoch: "00000000000000aa", seq });
const far = "gw2/sim-1";

test("a message keeps its board's numbers, and raises those of the way it came", async () => {
  const inner = new MemoryDatabase();
  const store = await openTestStore(inner);
  await appendTo(store, far, 900, { v: 1 }, { epoch: "b0", mark: through(7) });
  await appendTo(store, "sim-1", 3);
  await appendTo(store, far, 901, { v: 2 }, { epoch: "b0", mark: through(9) });
  const check = async (one: typeof store) => {
    expect(one.watermarks("~42.17.2")).toMatchObject([{ epoch: "00000000000000aa", seq: 9, delivered: 2 }]);
    expect(one.watermarks(far)).toEqual([]);
    expect(one.watermarks("sim-1")).toMatchObject([{ seq: 3, delivered: 1 }]);
    expect(await one.read(0, 10, far)).toMatchObject([
      { n: 1, device: far, epoch: "b0", seq: 900 },
      { n: 3, device: far, epoch: "b0", seq: 901 },
    ]);
    expect(await one.read(0, 10, "sim-1")).toMatchObject([{ n: 2, seq: 3 }]);
  };
  await check(store);
  await store.stop();
  const next = newTestStore(inner);
  await next.start();
  await check(next);
});

test("a device whose name has slashes keeps its watermark over a restart", async () => {
  const inner = new MemoryDatabase();
  const store = await openTestStore(inner);
  await appendTo(store, "gw2/gw3/sim-1", 5);
  await store.stop();
  const next = newTestStore(inner);
  await next.start();
  expect(next.watermarks("gw2/gw3/sim-1")).toMatchObject([{ epoch: "e", seq: 5 }]);
});

test("retention gives up messages of boards behind gateways as any, and their marks stay", async () => {
  const store = await openTestStore(new MemoryDatabase(), { maxMessages: 2 });
  for (let seq = 1; seq <= 5; seq++) await appendTo(store, far, seq, {}, { mark: through(seq) });
  expect((await store.read(0, 10, far)).map(({ seq }) => seq)).toEqual([4, 5]);
  expect(store.watermarks("~42.17.2")).toMatchObject([{ seq: 5, delivered: 5 }]);
});

test("marks that are forgotten are those of one gateway, in every epoch, with what goes beside them", async () => {
  const inner = new MemoryDatabase();
  const store = await openTestStore(inner);
  const raise = (device: string, epoch: string, seq: number) =>
    outcome((waiter) =>
      store.raise(device, epoch, seq, waiter, [{ key: `s/${device}/${epoch}`, value: Buffer.from([seq]) }]),
    );
  for (const device of ["~42.17.2", "~42.18.0", "~420.17.2"])
    for (const epoch of ["e1", "e2"]) expect(await raise(device, epoch, 1)).toBe("");
  const before = raise("~42.19.0", "e1", 1);
  const changes = ["e1", "e2"].map((epoch) => ({ key: `s/~42.17.2/${epoch}`, value: null }));
  expect(await outcome((waiter) => store.forgetMarks("~42.", waiter, changes))).toBe("");
  expect(await before).toBe("");
  const check = async (one: typeof store) => {
    for (const device of ["~42.17.2", "~42.18.0", "~42.19.0"]) expect(one.watermarks(device)).toEqual([]);
    expect(one.watermarks("~420.17.2")).toHaveLength(2);
    expect(await one.records("s/~42.17.2/")).toEqual([]);
    expect(await one.records("s/")).toHaveLength(5);
  };
  await check(store);
  await store.stop();
  const next = newTestStore(inner);
  await next.start();
  await check(next);
  expect(await outcome((waiter) => next.raise("~42.17.2", "e3", 1, waiter))).toBe("");
  expect(next.watermarks("~42.17.2")).toMatchObject([{ epoch: "e3", order: 1 }]);
});

test("marks raised before and after they are forgotten, in one commit, are those raised after", async () => {
  const store = await openTestStore();
  const all = [
    outcome((waiter) => store.raise("~42.17.2", "e", 5, waiter)),
    outcome((waiter) => store.forgetMarks("~42.", waiter)),
    outcome((waiter) => store.raise("~42.17.2", "e", 2, waiter)),
    outcome((waiter) => store.raise("~42.18.2", "e", 1, waiter)),
  ];
  expect(await Promise.all(all)).toEqual(["", "", "", ""]);
  expect(store.watermarks("~42.17.2")).toMatchObject([{ seq: 2 }]);
  expect(store.watermarks("~42.18.2")).toMatchObject([{ seq: 1 }]);
});

test("a board's marks are never forgotten, and a name that is too long is refused", async () => {
  const store = await openTestStore();
  const waiter = { onCommitted: () => {}, onFailed: () => {} };
  expect(() => store.forgetMarks("sim-", waiter)).toThrow(/watermarks of sim-…: .*; allowed: ~…/);
  expect(() => store.forgetMarks("", waiter)).toThrow(RangeError);
  const device = "g/".repeat(128);
  const message = { n: 0, device, epoch: "e", seq: 1, at: 0, message: {} };
  expect(() => store.append(message, Buffer.from("{}"), 0, 2, waiter)).toThrow(/allowed: 255 bytes/);
});
