import { expect, test } from "vitest";
import { keepNewest } from "./keep-newest.ts";

test("the oldest goes, and one that comes again is the newest", () => {
  const map = new Map<string, number>();
  for (const [i, key] of ["a", "b", "a", "c"].entries()) keepNewest(map, key, i, 2);
  expect([...map]).toEqual([
    ["a", 2],
    ["c", 3],
  ]);
});
