import { expect, test } from "vitest";
import { FaultPlan } from "./fault-plan.ts";

const fatesOf = (seed: number, meanBytes: number, count: number) => {
  const plan = new FaultPlan(seed, meanBytes);
  return Array.from({ length: count }, () => plan.next());
};

test("the same seed gives the same fates, another seed others", () => {
  expect(fatesOf(42, 5000, 50)).toEqual(fatesOf(42, 5000, 50));
  expect(fatesOf(43, 5000, 50)).not.toEqual(fatesOf(42, 5000, 50));
});

test("a seed of 0 and one of 32 bits are seeds like any other", () => {
  expect(fatesOf(0, 5000, 5)).not.toEqual(fatesOf(2 ** 32 - 1, 5000, 5));
});

test("connections live for the mean on average, many for much less, and every ending and way occurs", () => {
  const fates = fatesOf(7, 5000, 20_000);
  const mean = fates.reduce((sum, { bytes }) => sum + bytes, 0) / fates.length;
  expect(mean).toBeGreaterThan(4800);
  expect(mean).toBeLessThan(5200);
  expect(fates.filter(({ bytes }) => bytes < 50).length).toBeGreaterThan(100);
  expect([...new Set(fates.map(({ ending }) => ending))].sort()).toEqual([
    "close",
    "far",
    "near",
    "reset",
    "silent",
  ]);
  expect([...new Set(fates.map(({ way }) => way))].sort()).toEqual(["any", "down", "up"]);
});

test("a mean that no handshake survives is raised: most connections must be able to carry something", () => {
  expect(new FaultPlan(1, 3).meanBytes).toBe(250);
});

test("a plan without cuts has none", () => {
  expect(fatesOf(1, Number.POSITIVE_INFINITY, 3).map(({ bytes }) => bytes)).toEqual([
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ]);
});
