import { expect, test } from "vitest";
import { seededRandom } from "../transports/random.ts";
import { Tally } from "./tally.ts";

function tallyOf(...numbers: number[]): Tally {
  const tally = new Tally();
  for (const i of numbers) tally.take(i, true);
  return tally;
}

const countsOf = ({ delivered, repeated, reordered, corrupted, highest }: Tally) => ({
  delivered,
  repeated,
  reordered,
  corrupted,
  highest,
});

test("what comes once and in order is delivered, and nothing else", () => {
  const tally = tallyOf(1, 2, 3);
  expect(countsOf(tally)).toEqual({ delivered: 3, repeated: 0, reordered: 0, corrupted: 0, highest: 3 });
  expect(tally.missing(3)).toBe(0);
});

test("a number that comes again is repeated, however much later", () => {
  expect(countsOf(tallyOf(1, 2, 2, 3, 1))).toMatchObject({ delivered: 3, repeated: 2, reordered: 0 });
});

test("a number after a higher one is reordered, and not lost", () => {
  const tally = tallyOf(1, 3, 2);
  expect(countsOf(tally)).toMatchObject({ delivered: 3, reordered: 1, repeated: 0 });
  expect(tally.missing(3)).toBe(0);
});

test("what did not come is missing: in between, at the end, and of a part", () => {
  const tally = tallyOf(1, 4, 5);
  expect(tally.missing(7)).toBe(4);
  expect(tally.missing(5)).toBe(2);
  expect(tally.missing(3)).toBe(2);
  expect(tally.missing(1)).toBe(0);
});

test("another content is corrupted, also where the number is one that nobody can have sent", () => {
  const tally = tallyOf(1);
  tally.take(2, false);
  tally.take(Number.NaN, true);
  tally.take(0, true);
  tally.take(1.5, true);
  tally.take(2 ** 40, false);
  expect(countsOf(tally)).toMatchObject({ delivered: 2, corrupted: 5, highest: 2 });
});

test("thousands of random numbers are counted as a list of all of them counts", () => {
  const seed = 11;
  const random = seededRandom(seed);
  const numbers = Array.from({ length: 20_000 }, () => 1 + Math.floor(random() * 12_000));
  const seen = new Set<number>();
  const naive = { delivered: 0, repeated: 0, reordered: 0, corrupted: 0, highest: 0 };
  for (const i of numbers) {
    if (seen.has(i)) naive.repeated++;
    else {
      naive.delivered++;
      if (i < naive.highest) naive.reordered++;
      naive.highest = Math.max(naive.highest, i);
    }
    seen.add(i);
  }
  const tally = tallyOf(...numbers);
  expect(countsOf(tally), `seed ${seed}`).toEqual(naive);
  for (const last of [1, 100, 9000, 12_000])
    expect(tally.missing(last), `seed ${seed}`).toBe(last - [...seen].filter((i) => i <= last).length);
});
