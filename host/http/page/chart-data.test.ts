import { expect, test } from "vitest";
import type { SeriesPoints } from "../../history/series.ts";
import { chartData, extentOf, roomAround } from "./chart-data.ts";
import { Trend } from "./trend.ts";

const points = (fields: Partial<SeriesPoints> = {}): SeriesPoints => ({
  ...{ device: "sim-1", type: "l:temp", field: "v", from: 0, to: 1000, stepMs: 0 },
  ...{ t: [100, 200, 300], mean: [1, null, 3], min: [1, null, 2], max: [1, null, 4] },
  ...fields,
});

function trend(...values: [at: number, value: number][]): Trend {
  const trend = new Trend();
  for (const [at, value] of values) trend.push(at, value);
  return trend;
}

test("what came since follows the history, and what is in it already does not come twice", () => {
  const data = chartData(points(), trend([250, 9], [300, 3], [301, 5]), 0);
  expect(data).toEqual([
    [100, 200, 300, 301],
    [1, null, 2, 5],
    [1, null, 3, 5],
    [1, null, 4, 5],
  ]);
});

test("a value within the last bucket is counted there", () => {
  const data = chartData(points({ stepMs: 100 }), trend([399, 9], [400, 5]), 0);
  expect(data[0]).toEqual([100, 200, 300, 400]);
});

test("what has left the chart at its left end is gone, and the answer itself is as it was", () => {
  const answer = points();
  expect(chartData(answer, null, 150)[0]).toEqual([200, 300]);
  expect(chartData(answer, trend([500, 5]), 400)).toEqual([[500], [5], [5], [5]]);
  expect(answer.t).toEqual([100, 200, 300]);
});

test.each([
  [points(), { low: 1, high: 4, last: 3 }],
  [points({ mean: [1, 2, null] }), { low: 1, high: 4, last: 2 }],
  [points({ t: [], mean: [], min: [], max: [] }), null],
  [points({ mean: [null, null, null] }), null],
])("its least, most and last value, past the gaps", (answer, expected) => {
  expect(extentOf(chartData(answer, null, 0))).toEqual(expected);
});

test.each([
  ["a count that never was another than none", [0, 0], [-0.08, 1]],
  ["a value that never changed", [20, 20], [18, 22]],
  ["values", [0, 100], [-8, 108]],
  ["no value", [null, null], [0, 1]],
  ["large values that are nearly the same", [1e15, 1e15 + 0.125], [1e15 - 1000, 1e15 + 1000.125]],
] as const)("the axis of %s", (_, [low, high], expected) => {
  expect(roomAround(low, high)).toEqual(expected);
});
