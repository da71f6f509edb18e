/** A message that is killed ends by itself in time, or its thread does. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Kills } from "./kills.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start() {
  let ends = 0;
  const kills = new Kills(500, () => {
    ends++;
  });
  return { kills, ends: () => ends };
}

test("the thread of what nobody heeds ends at once", () => {
  const { kills, ends } = start();
  kills.begin("a");
  expect([ends(), kills.has("a"), kills.isAny]).toEqual([1, true, true]);
  expect(kills.begin("a")).toBe(false);
  expect(ends()).toBe(1);
});

test("what is heeded has its time, and its thread lives when it keeps it", () => {
  const { kills, ends } = start();
  kills.heeds("a");
  kills.begin("a");
  vi.advanceTimersByTime(499);
  expect([kills.end("a"), kills.isAny]).toEqual([true, false]);
  vi.advanceTimersByTime(1000);
  expect(ends()).toBe(0);
  expect(kills.end("a")).toBe(false);
});

test("what is heeded and goes on takes its thread with it, once", () => {
  const { kills, ends } = start();
  kills.heeds("a");
  kills.begin("a");
  vi.advanceTimersByTime(500);
  expect(ends()).toBe(1);
  kills.clear();
  kills.begin("a"); // of the next thread, where nobody has heeded it
  expect(ends()).toBe(2);
});

test("a thread that is on its way out was killed, also when the message has ended meanwhile", () => {
  const { kills } = start();
  kills.begin("a");
  expect([kills.end("a"), kills.isAny, kills.isEndingThread]).toEqual([true, true, true]);
  kills.clear();
  expect([kills.isAny, kills.isEndingThread]).toEqual([false, false]);
});
