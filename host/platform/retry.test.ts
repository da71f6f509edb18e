import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Retry } from "./retry.ts";

let tries: number;
let retry: Retry;

beforeEach(() => {
  vi.useFakeTimers();
  tries = 0;
  const waits = { leastMs: 100, mostMs: 1000 };
  retry = new Retry(
    () => waits,
    () => tries++,
    () => 1,
  );
});

afterEach(() => {
  retry.stop();
  vi.useRealTimers();
});

test("it is tried once for a wait, and each wait is longer than the one before until a try was good", () => {
  for (const ms of [300, 900, 1000]) {
    const before = tries;
    retry.later();
    vi.advanceTimersByTime(ms - 1);
    expect([tries, retry.isWaiting]).toEqual([before, true]);
    vi.advanceTimersByTime(1);
    expect([tries, retry.isWaiting]).toEqual([before + 1, false]);
  }
  retry.reset();
  retry.later();
  vi.advanceTimersByTime(300);
  expect(tries).toBe(4);
});

test("asked for again while it waits, it waits anew, and is tried once", () => {
  retry.later();
  retry.later();
  vi.advanceTimersByTime(300);
  expect([tries, retry.isWaiting]).toEqual([0, true]);
  vi.advanceTimersByTime(10_000);
  expect(tries).toBe(1);
});

test("one that is stopped is not tried", () => {
  retry.later();
  retry.stop();
  vi.advanceTimersByTime(10_000);
  expect([tries, retry.isWaiting]).toEqual([0, false]);
});
