/** Messages that came through another gateway: whose numbers they carry, and whose are raised. */
import { expect, test } from "vitest";
import { appendTo, newTestStore, openTestStore } from "../testing/stores.ts";
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

test("a name that is too long is refused", async () => {
  const store = await openTestStore();
  const waiter = { onCommitted: () => {}, onFailed: () => {} };
  const device = "g/".repeat(128);
  const message = { n: 0, device, epoch: "e", seq: 1, at: 0, message: {} };
  expect(() => store.append(message, Buffer.from("{}"), 0, 2, waiter)).toThrow(/allowed: 255 bytes/);
});
