/** Curves: how far from flat they are. */
import { expect, test } from "vitest";
import { farthest, measureCurve } from "./curve.ts";
import type { StartRunner } from "./runner.ts";

const effort = { rounds: 3, warmUpMs: 1, roundMs: 1, allocationCycles: 1, allocationProcesses: 1 };

test("farthest() is in per cent of the median, above it and below", () => {
  expect(farthest([100, 110, 100])).toBeCloseTo(10);
  expect(farthest([70, 100, 110])).toBeCloseTo(30);
  expect(farthest([5])).toBe(0);
});

test("a point is the median of all rounds of all launches, and each launch says how far from flat it was", async () => {
  const launched: number[] = [];
  /** Of the size 10 each launch takes 10 % more than the one before; a message takes 1 µs else. */
  const start: StartRunner = (name) => {
    const size = Number(name.split(" ")[2]);
    launched.push(size);
    const launch = launched.filter((one) => one === size).length - 1;
    const cpuNs = size === 10 ? 1000 + 100 * launch : 1000;
    return {
      warm: async () => 1,
      run: async () => ({ messages: 1, wallNs: 0, cpuNs }),
      allocate: async () => 0,
      stop: async () => {},
    };
  };
  const work = () => ({ messages: 1, cycle() {}, delivered: () => 0 });
  const curve = { name: "c", title: "curve", axis: "things", sizes: [1, 10, 100], work };
  const { points, deviation } = await measureCurve("P0", curve, effort, start);
  expect(launched).toEqual([1, 10, 100, 1, 10, 100, 1, 10, 100]);
  expect(points).toEqual([
    { size: 1, ns: { median: 1000, min: 1000, max: 1000 } },
    { size: 10, ns: { median: 1100, min: 1000, max: 1200 } },
    { size: 100, ns: { median: 1000, min: 1000, max: 1000 } },
  ]);
  expect(deviation.median).toBeCloseTo(10);
  expect([deviation.min, deviation.max].map(Math.round)).toEqual([0, 20]);
});
