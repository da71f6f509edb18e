import { expect, test } from "vitest";
import { Backoff } from "./backoff.ts";

const waits = { leastMs: 100, mostMs: 1000 };

test("each wait is up to three times the one before, and never longer than the longest", () => {
  const backoff = new Backoff(
    () => waits,
    () => 1,
  );
  expect([1, 2, 3, 4].map(() => backoff.next())).toEqual([300, 900, 1000, 1000]);
  backoff.reset();
  expect(backoff.next()).toBe(300);
});

test("by chance it is as short as the shortest", () => {
  const backoff = new Backoff(
    () => waits,
    () => 0,
  );
  expect([1, 2].map(() => backoff.next())).toEqual([100, 100]);
});

test("what is configured anew counts from the next wait on", () => {
  let now = { leastMs: 1000, mostMs: 60_000 };
  const backoff = new Backoff(
    () => now,
    () => 1,
  );
  expect([1, 2].map(() => backoff.next())).toEqual([3000, 9000]);
  now = { leastMs: 50, mostMs: 200 };
  expect(backoff.next()).toBe(200);
});
