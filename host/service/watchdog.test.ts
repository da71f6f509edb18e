import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { beatInterval, Watchdog } from "./watchdog.ts";

const told: string[] = [];
let answer: ((value?: unknown) => void) | undefined;
let watchdog: Watchdog;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  told.length = 0;
  answer = undefined;
});
afterEach(() => {
  watchdog?.stop();
  vi.useRealTimers();
});

function watch(askStore: () => Promise<unknown>): void {
  watchdog = new Watchdog(15_000, {
    askStore,
    beat: () => told.push("beat"),
    onSilence: () => told.push("silence"),
  });
  watchdog.start();
}
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("a beat is due twice in the time that systemd gives, and only where it gives one to this process", () => {
  expect(beatInterval({}, 7)).toBeNull();
  expect(beatInterval({ WATCHDOG_USEC: "" }, 7)).toBeNull();
  expect(beatInterval({ WATCHDOG_USEC: "0" }, 7)).toBeNull();
  expect(beatInterval({ WATCHDOG_USEC: "many" }, 7)).toBeNull();
  expect(beatInterval({ WATCHDOG_USEC: "30000000" }, 7)).toBe(15_000);
  expect(beatInterval({ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "7" }, 7)).toBe(15_000);
  expect(beatInterval({ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "8" }, 7)).toBeNull();
});

test("it beats at once and from then on, as long as the store answers", async () => {
  watch(async () => {});
  await later(0);
  expect(told).toEqual(["beat"]);
  await later(45_000);
  expect(told).toEqual(["beat", "beat", "beat", "beat"]);
});

test("a store that refuses has answered", async () => {
  watch(() => Promise.reject(new Error("the disk is full")));
  await later(15_000);
  expect(told).toEqual(["beat", "beat"]);
});

test("a write that never comes back ends the beat; one that comes late begins it again", async () => {
  watch(() => new Promise((resolve) => (answer = resolve)));
  await later(0);
  answer?.();
  await later(15_000);
  expect(told).toEqual(["beat"]);
  await later(30_000);
  expect(told).toEqual(["beat", "silence", "silence"]);
  answer?.();
  await later(0);
  expect(told).toEqual(["beat", "silence", "silence", "beat"]);
});

test("stopped, it beats no more, also for what was asked before", async () => {
  watch(() => new Promise((resolve) => (answer = resolve)));
  watchdog.stop();
  answer?.();
  await later(60_000);
  expect(told).toEqual([]);
});
