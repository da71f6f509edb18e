import { expect, test } from "vitest";
import { FaultyLine } from "./faulty.ts";
import { MemoryPair } from "./memory-pair.ts";
import { recorder } from "./recorder.ts";

const bytes = (...values: number[]) => Uint8Array.of(...values);

function startedPair(options = {}) {
  const pair = new MemoryPair(options);
  const a = recorder();
  const b = recorder();
  pair.a.start(a);
  pair.b.start(b);
  return { pair, a, b };
}

test("bytes wait until deliver(), both ways, in order", () => {
  const { pair, a, b } = startedPair();
  pair.a.write(bytes(1, 2));
  pair.a.write(bytes(3));
  pair.b.write(bytes(4));
  expect(b.chunks).toEqual([]);
  expect(pair.deliver()).toBe(3);
  expect(b.chunks).toEqual([[1, 2], [3]]);
  expect(a.chunks).toEqual([[4]]);
});

test("deliver() carries replies too", () => {
  const pair = new MemoryPair();
  const a = recorder();
  pair.a.start(a);
  pair.b.start({
    onChunk: (chunk) => void pair.b.write(chunk.map((byte) => byte + 1)),
    onDrain() {},
    onClose() {},
  });
  pair.a.write(bytes(1));
  pair.deliver();
  expect(a.chunks).toEqual([[2]]);
});

test("deliver() refuses ends that talk for ever", () => {
  const pair = new MemoryPair();
  const echo = (end: "a" | "b") => ({
    onChunk: () => void pair[end].write(bytes(0)),
    onDrain() {},
    onClose() {},
  });
  pair.a.start(echo("a"));
  pair.b.start(echo("b"));
  pair.a.write(bytes(0));
  expect(() => pair.deliver()).toThrow("deliver: the ends still talk after 10000 rounds");
});

test("nothing is delivered before start(), and nothing is lost", () => {
  const pair = new MemoryPair();
  pair.a.write(bytes(1));
  expect(pair.deliver()).toBe(0);
  const b = recorder();
  pair.b.start(b);
  pair.deliver();
  expect(b.chunks).toEqual([[1]]);
});

test("microtask delivery comes after the caller's code, by itself", async () => {
  const { pair, b } = startedPair({ delivery: "microtask" });
  pair.a.write(bytes(1));
  expect(b.chunks).toEqual([]);
  await Promise.resolve();
  expect(b.chunks).toEqual([[1]]);
});

test("rechunk() cuts and joins what was written", () => {
  const { pair, b } = startedPair();
  pair.rechunk(2);
  pair.a.write(bytes(1, 2, 3));
  pair.a.write(bytes(4, 5));
  pair.deliver();
  pair.rechunk(Number.POSITIVE_INFINITY);
  pair.a.write(bytes(6));
  pair.a.write(bytes(7));
  pair.deliver();
  expect(b.chunks).toEqual([[1, 2], [3, 4], [5], [6, 7]]);
});

test("who keeps a delivered chunk sees it overwritten", () => {
  const pair = new MemoryPair();
  const kept: Uint8Array[] = [];
  pair.b.start({ onChunk: (chunk) => void kept.push(chunk), onDrain() {}, onClose() {} });
  pair.a.start(recorder());
  pair.a.write(bytes(1));
  pair.deliver();
  expect(kept).toEqual([bytes(0xee)]);
});

test("write() says false from the high water on, and onDrain follows the delivery", () => {
  const { pair, a } = startedPair({ highWaterBytes: 3 });
  expect(pair.a.write(bytes(1, 2))).toBe(true);
  expect(pair.a.write(bytes(3))).toBe(false);
  expect(a.drains).toBe(0);
  pair.deliver();
  expect(a.drains).toBe(1);
  expect(pair.a.write(bytes(4))).toBe(true);
});

test("close() lets what was written arrive, and tells both ends once", () => {
  const { pair, a, b } = startedPair();
  pair.a.write(bytes(1));
  pair.b.write(bytes(2));
  pair.a.close();
  pair.a.close();
  expect(pair.a.write(bytes(3))).toBe(false);
  pair.deliver();
  pair.deliver();
  expect(b.chunks).toEqual([[1]]);
  expect(a.chunks).toEqual([]);
  expect([a.closings, b.closings]).toEqual([["closed here"], ["closed by the other end"]]);
});

test("cut() loses what was under way and tells both ends at once, also one not yet started", () => {
  const pair = new MemoryPair();
  const a = recorder();
  pair.a.start(a);
  pair.a.write(bytes(1));
  pair.cut("unplugged");
  expect(a.closings).toEqual(["unplugged"]);
  const b = recorder();
  pair.b.start(b);
  pair.deliver();
  expect(b).toMatchObject({ chunks: [], closings: ["unplugged"] });
});

test("a faulty line delays by the time given, and cuts both ends after its bytes", () => {
  const toB = new FaultyLine({ seed: 1, cutAfterBytes: 2, delayMs: [5, 5] });
  const { pair, a, b } = startedPair({ toB });
  pair.a.write(bytes(1, 2, 3));
  expect(pair.deliver(0)).toBe(0);
  expect(pair.deliver(5)).toBe(1);
  expect(b.chunks).toEqual([[1, 2]]);
  expect([a.closings, b.closings]).toEqual([["the faulty line was cut"], ["the faulty line was cut"]]);
});
