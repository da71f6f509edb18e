import { expect, test } from "vitest";
import { Spread } from "./spread.ts";

test("a value counts at the first bound that it does not exceed, and above all of them in the last place", () => {
  const spread = new Spread([0.01, 0.1, 1]);
  for (const value of [0, 0.01, 0.011, 0.1, 1, 1.5, 40]) spread.add(value);
  expect([...spread.counts]).toEqual([2, 2, 1, 2]);
  expect(spread.count).toBe(7);
  expect(spread.sum).toBeCloseTo(42.621, 9);
});
