/** Charts: what is drawn where. */
import { expect, test } from "vitest";
import { drawChart } from "./chart.ts";
import type { MeasuredCurve } from "./curve.ts";

const at = (size: number, median: number, min = median, max = median) => ({ size, ns: { median, min, max } });
const curve = (...points: MeasuredCurve["points"]): MeasuredCurve => ({
  ...{ name: "c", title: "packets < all", axis: "packets & more", points },
  deviation: { median: 0, min: 0, max: 0 },
});
const attributes = (svg: string, pattern: RegExp) =>
  [...svg.matchAll(pattern)].map((found) => found.slice(1).map(Number));

test("sizes stand by decades, times by their value", () => {
  const svg = drawChart(curve(at(1, 0.0001), at(10, 500), at(100, 1000)), 20);
  const dots = attributes(svg, /<circle class="dot" cx="([\d.]+)" cy="([\d.]+)"/g);
  expect(dots[1][0] - dots[0][0]).toBeCloseTo(dots[2][0] - dots[1][0]);
  expect(dots[0][1] - dots[1][1]).toBeCloseTo(dots[1][1] - dots[2][1]);
  expect(dots[0][1] - dots[2][1]).toBeGreaterThan(100);
});

test("the band reaches as far as told from the median of the points, and a bar from least to most", () => {
  const svg = drawChart(curve(at(1, 80), at(10, 100, 60, 140), at(100, 120)), 20);
  const [low, , high] = attributes(svg, /<circle class="dot" cx="([\d.]+)" cy="([\d.]+)"/g);
  const [[top, height]] = attributes(svg, /<rect class="band" [^>]*y="([\d.]+)" [^>]*height="([\d.]+)"/g);
  expect([top, top + height].map(Math.round)).toEqual([high[1], low[1]].map(Math.round));
  const bars = attributes(svg, /<path class="bar" d="M[\d.]+ ([\d.]+)V([\d.]+)/g);
  expect(bars[1][0] - bars[1][1]).toBeCloseTo(2 * (low[1] - high[1]), 0);
});

test("the same numbers give the same text, without a time or a chance in it; text is escaped", () => {
  const draw = () => drawChart(curve(at(1000, 12_000), at(1_000_000, 14_000)), 20);
  expect(draw()).toBe(draw());
  expect(draw()).toContain("packets &lt; all");
  expect(draw()).toContain("packets &amp; more");
  expect(draw()).toContain("1\u00a0000\u00a0000");
  expect(draw()).toContain("µs of CPU per message");
});

test("both themes have their own colours", () => {
  expect(drawChart(curve(at(1, 1), at(10, 1)), 20)).toContain("prefers-color-scheme: dark");
});
