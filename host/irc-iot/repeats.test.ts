import { expect, test } from "vitest";
import { Repeats } from "./repeats.ts";

const HOUR = 3_600_000;

test("a repeat is the same text of the same sender within an hour, and nothing else", () => {
  const repeats = new Repeats(HOUR);
  repeats.add("n:a", '{"mid":"1"}', 0);
  expect(repeats.has("n:a", '{"mid":"1"}', HOUR - 1)).toBe(true);
  expect(repeats.has("n:a", '{"mid":"1"}', HOUR)).toBe(false);
  expect(repeats.has("n:b", '{"mid":"1"}', 1)).toBe(false);
  expect(repeats.has("n:a", '{"mid":"1" }', 1)).toBe(false);
});

test("who talks much pushes out what is remembered of himself, and of nobody else", () => {
  const repeats = new Repeats(HOUR);
  repeats.add("n:quiet", "first", 0);
  for (let i = 0; i < 50_000; i++) repeats.add("n:loud", `${i}`, 1);
  expect(repeats.size).toBe(4097);
  expect(repeats.has("n:quiet", "first", 2)).toBe(true);
  expect(repeats.has("n:loud", "0", 2)).toBe(false);
  expect(repeats.has("n:loud", "49999", 2)).toBe(true);
});

test("of many who talk, what is remembered is bounded: the longest unheard is forgotten first", () => {
  const repeats = new Repeats(HOUR);
  for (let who = 0; who < 40; who++) for (let i = 0; i < 2000; i++) repeats.add(`n:${who}`, `${i}`, who);
  expect(repeats.size).toBeLessThanOrEqual(65_536);
  expect(repeats.has("n:0", "1", 40)).toBe(false);
  expect(repeats.has("n:39", "1", 40)).toBe(true);
});

test("what is too old goes when its sender speaks", () => {
  const repeats = new Repeats(HOUR);
  for (let i = 0; i < 100; i++) repeats.add("n:a", `${i}`, 0);
  repeats.add("n:a", "new", HOUR);
  expect(repeats.size).toBe(1);
});
