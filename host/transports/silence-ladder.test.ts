import { expect, test } from "vitest";
import { SilenceLadder, type Step, stepsFor } from "./silence-ladder.ts";

const all: Step[] = ["reopen", "reset", "rebind"];

/** Every step until `ms`, with the second it is taken in; looked at every second, as the keeper does. */
function climbUntil(ladder: SilenceLadder, ms: number, from = 0): string[] {
  const story: string[] = [];
  for (let now = from; now <= ms; now += 1000) {
    const due = ladder.climb(now);
    if (due === undefined) continue;
    story.push(`${now / 1000} ${due.step}${due.isFirst ? "" : " again"}`);
    ladder.resume(now);
  }
  return story;
}

test("each step waits its time; above the top it begins again at the bottom, at half the pace", () => {
  const ladder = new SilenceLadder(all, 15_000);
  ladder.begin(0);
  expect(climbUntil(ladder, 150_000)).toEqual([
    "15 reopen",
    "30 reset",
    "45 rebind",
    "75 reopen again",
    "105 reset again",
    "135 rebind again",
  ]);
  expect(ladder.counts).toEqual({ reopen: 2, reset: 2, rebind: 2 });
});

test("the pace falls to one step in ten minutes and no further", () => {
  const ladder = new SilenceLadder(["reopen"], 15_000);
  ladder.begin(0);
  const seconds = climbUntil(ladder, 10_000_000).map((line) => Number(line.split(" ")[0]));
  const gaps = seconds.map((at, i) => at - (seconds[i - 1] ?? 0));
  expect(gaps.slice(0, 8)).toEqual([15, 30, 60, 120, 240, 480, 600, 600]);
  expect(new Set(gaps.slice(6))).toEqual(new Set([600]));
});

test("a wait longer than ten minutes is kept as it was asked for", () => {
  const ladder = new SilenceLadder(["reopen"], 3_600_000);
  ladder.begin(0);
  expect(climbUntil(ladder, 7_200_000)).toEqual(["3600 reopen", "7200 reopen again"]);
});

test("begin() leads back to the bottom", () => {
  const ladder = new SilenceLadder(all, 10_000);
  ladder.begin(0);
  climbUntil(ladder, 50_000);
  expect(ladder.isClimbing).toBe(true);
  ladder.begin(51_000);
  expect(ladder.isClimbing).toBe(false);
  expect(climbUntil(ladder, 61_000, 52_000)).toEqual(["61 reopen"]);
});

test("a step tells how long it was silent", () => {
  const ladder = new SilenceLadder(all, 10_000);
  ladder.begin(5000);
  expect(ladder.climb(15_000)?.silentMs).toBe(10_000);
  expect(ladder.climb(25_000)?.silentMs).toBe(20_000);
});

test("without steps nothing is done", () => {
  const ladder = new SilenceLadder([], 1000);
  ladder.begin(0);
  expect(climbUntil(ladder, 3_600_000)).toEqual([]);
});

test.each([
  [{ resetOnOpen: "never", reopen: true, rebind: false }, ["reopen"]],
  [{ resetOnOpen: "always", reopen: true, rebind: true }, ["reopen", "rebind"]],
  [{ resetOnOpen: "if_silent", reopen: true, rebind: true }, ["reopen", "reset", "rebind"]],
  [{ resetOnOpen: "if_silent", reopen: false, rebind: false }, ["reset"]],
  [{ resetOnOpen: "never", reopen: false, rebind: false }, []],
] as const)("%o allows %o", (options, steps) => {
  expect(stepsFor(options)).toEqual(steps);
});
