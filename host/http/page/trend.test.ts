import { expect, test } from "vitest";
import { Trend } from "./trend.ts";

function trend(points: [number, number][]): Trend {
  const trend = new Trend();
  for (const [at, value] of points) trend.push(at, value);
  return trend;
}

test.each([
  ["nothing", [], []],
  ["one value", [[5, 1]], []],
  [
    "two values of one moment",
    [
      [5, 1],
      [5, 2],
    ],
    [],
  ],
  [
    "what rises",
    [
      [1000, -1],
      [2000, 1],
    ],
    ["0,10 100,0"],
  ],
  [
    "what never changed",
    [
      [1000, 7],
      [3000, 7],
    ],
    ["0,5 100,5"],
  ],
  [
    "a gap, as wide as it was long",
    [
      [0, 0],
      [10, 10],
      [100, 5],
    ],
    ["0,10 10,0 100,5"],
  ],
  [
    "an absence that is long beside the other pauses, with a single value behind it",
    [
      [0, 0],
      [10, 10],
      [20, 0],
      [30, 10],
      [100, 5],
    ],
    ["0,10 10,0 20,10 30,0", "100,5 100,5"],
  ],
] as [string, [number, number][], string[]][])("the line of %s", (_, points, expected) => {
  expect(trend(points).lines(100, 10)).toEqual(expected);
});
