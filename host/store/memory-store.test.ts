import { expect, test } from "vitest";
import { MemoryStore } from "./memory-store.ts";
import type { DeliveredMessage } from "./store.ts";

const message = (device: string, seq: number, epoch = "e1") => ({
  device,
  epoch,
  seq,
  at: 1000 + seq,
  message: { ot: "l:t", v: seq },
});

function fill(store: MemoryStore, count: number, device = "sim-1"): DeliveredMessage[] {
  const committed: DeliveredMessage[] = [];
  for (let i = 1; i <= count; i++) store.append(message(device, i), (m) => committed.push(m));
  return committed;
}

test("messages are numbered from 1 without a gap and read back from any number", () => {
  const store = new MemoryStore(100, 1e6);
  expect(fill(store, 5).map((m) => m.n)).toEqual([1, 2, 3, 4, 5]);
  expect(store.read(0, 10).map((m) => m.n)).toEqual([1, 2, 3, 4, 5]);
  expect(store.read(4, 10).map((m) => m.n)).toEqual([4, 5]);
  expect(store.read(2, 2).map((m) => m.n)).toEqual([2, 3]);
  expect(store.read(6, 10)).toEqual([]);
  expect(store.next).toBe(6);
});

test("one device's messages are found among others", () => {
  const store = new MemoryStore(100, 1e6);
  fill(store, 2, "a");
  fill(store, 2, "b");
  expect(store.read(1, 10, "b").map((m) => m.n)).toEqual([3, 4]);
});

test("beyond its bounds the oldest messages go, are counted, and numbers stay what they were", () => {
  const store = new MemoryStore(1000, 1e9);
  fill(store, 5000);
  expect(store.fill).toMatchObject({ messages: 1000, oldest: 4001, dropped: 4000 });
  expect(store.read(0, 1)[0].n).toBe(4001);
  expect(store.read(4500, 1)[0]).toMatchObject({ n: 4500, seq: 4500 });
  const small = new MemoryStore(1000, 100_000);
  for (let i = 1; i <= 100; i++) small.append(message("a", i), () => {}, 10_000);
  expect(small.fill.bytes).toBeLessThanOrEqual(100_000);
  expect(small.fill.messages).toBeLessThan(10); // large payloads count as what they are
  expect(small.fill.messages + small.fill.dropped).toBe(100);
});

test("a watermark is the highest seq of a device and epoch; the last four epochs are kept", () => {
  const store = new MemoryStore(10, 1e6);
  expect(store.watermark("a", "e1")).toBeUndefined();
  for (let i = 1; i <= 5; i++) store.append(message("a", i * 10, `e${i}`), () => {});
  store.raise("a", "e5", 51, () => {});
  expect([1, 2, 5].map((i) => store.watermark("a", `e${i}`))).toEqual([undefined, 20, 51]);
});
