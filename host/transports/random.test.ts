import { expect, test } from "vitest";
import { randomInteger, seededRandom } from "./random.ts";

test("seededRandom() gives the published mulberry32 sequence", () => {
  const random = seededRandom(0);
  expect([random(), random(), random()].map((n) => n * 0x1_0000_0000)).toEqual([
    1144304738, 1416247, 958946056,
  ]);
});

test("seededRandom() repeats itself for a seed and differs for another", () => {
  const take = (seed: number) => Array.from({ length: 20 }, seededRandom(seed));
  expect(take(42)).toEqual(take(42));
  expect(take(42)).not.toEqual(take(43));
});

test("randomInteger() reaches both ends and nothing beyond", () => {
  const random = seededRandom(7);
  const seen = new Set(Array.from({ length: 200 }, () => randomInteger(random, 3, 6)));
  expect([...seen].sort()).toEqual([3, 4, 5, 6]);
});
