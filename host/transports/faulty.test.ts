import { expect, test } from "vitest";
import { type Faults, FaultyLine } from "./faulty.ts";

const hundred = Uint8Array.from({ length: 100 }, (_, i) => i);

/** What comes out when `hundred` goes in as chunks of `size`. */
function through(faults: Faults, size = 100): number[] {
  const line = new FaultyLine(faults);
  for (let at = 0; at < hundred.length; at += size) line.push(hundred.subarray(at, at + size));
  return line.take().flatMap((chunk) => [...chunk]);
}

test("a line without faults passes every byte in the chunks it was given", () => {
  const line = new FaultyLine({ seed: 1 });
  line.push(Uint8Array.of(1, 2));
  line.push(Uint8Array.of(3));
  expect(line.take()).toEqual([Uint8Array.of(1, 2), Uint8Array.of(3)]);
  expect(line.counts).toEqual({ passed: 3, dropped: 0, inserted: 0, flipped: 0, cutOff: 0 });
});

test("push() copies: the caller may use its buffer again", () => {
  const line = new FaultyLine({ seed: 1 });
  const mine = Uint8Array.of(1, 2, 3);
  line.push(mine);
  mine.fill(9);
  expect(line.take()).toEqual([Uint8Array.of(1, 2, 3)]);
});

test.each([1, 3, 7, 100])("the same bytes are hit when they go in %d at a time", (size) => {
  const faults = { seed: 5, dropRate: 0.1, insertRate: 0.1, flipRate: 0.1 };
  expect(through(faults, size)).toEqual(through(faults));
  expect(through(faults)).not.toEqual([...hundred]);
});

test("a rate of 1 hits every byte: dropped, preceded by another, or one bit different", () => {
  expect(through({ seed: 3, dropRate: 1 })).toEqual([]);
  expect(through({ seed: 3, insertRate: 1 }).filter((_, i) => i % 2 === 1)).toEqual([...hundred]);
  const bits = through({ seed: 3, flipRate: 1 }).map((byte, i) => byte ^ hundred[i]);
  expect(bits.filter((bit) => bit === 0 || (bit & (bit - 1)) !== 0)).toEqual([]);
});

test("every byte is accounted for", () => {
  const line = new FaultyLine({ seed: 11, dropRate: 0.2, insertRate: 0.3, flipRate: 0.1, cutAfterBytes: 90 });
  line.push(hundred);
  const { passed, dropped, inserted, cutOff } = line.counts;
  expect(passed + dropped + cutOff).toBe(100);
  expect(cutOff).toBe(10);
  expect(line.take()[0].length).toBe(passed + inserted);
});

test("the rates are kept over many bytes", () => {
  const line = new FaultyLine({ seed: 17, dropRate: 0.01, insertRate: 0.02, flipRate: 0.03 });
  line.push(new Uint8Array(1_000_000));
  expect(line.counts.dropped / 10_000).toBeCloseTo(1, 1);
  expect(line.counts.inserted / 10_000).toBeCloseTo(2, 1);
  expect(line.counts.flipped / 10_000).toBeCloseTo(3, 1);
});

test("a line cut after 3 bytes passes those, says so once they are taken, and counts the rest", () => {
  const line = new FaultyLine({ seed: 1, cutAfterBytes: 3 });
  line.push(Uint8Array.of(1, 2, 3, 4, 5));
  expect(line.isCut).toBe(false);
  expect(line.take()).toEqual([Uint8Array.of(1, 2, 3)]);
  expect(line.isCut).toBe(true);
  expect(line.counts.cutOff).toBe(2);
});

test("a delayed chunk arrives at its time and never overtakes", () => {
  const line = new FaultyLine({ seed: 2, delayMs: [10, 50] });
  for (let byte = 0; byte < 20; byte++) line.push(Uint8Array.of(byte), byte);
  expect(line.take(9)).toEqual([]);
  expect(line.deadlineMs).toBeGreaterThanOrEqual(10);
  expect(line.take(line.deadlineMs).length).toBeGreaterThanOrEqual(1);
  const rest = line.take(100).map((chunk) => chunk[0]);
  expect(rest).toEqual([...rest].sort((a, b) => a - b));
  expect(rest.at(-1)).toBe(19);
  expect(line.deadlineMs).toBe(Number.POSITIVE_INFINITY);
});

test("maxChunkBytes cuts anew and loses nothing", () => {
  const line = new FaultyLine({ seed: 4, maxChunkBytes: 7 });
  line.push(hundred);
  const chunks = line.take();
  expect(chunks.flatMap((chunk) => [...chunk])).toEqual([...hundred]);
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBe(7);
  expect(Math.min(...chunks.map((chunk) => chunk.length))).toBeGreaterThanOrEqual(1);
});
