/** How long an id is remembered. */
import { expect, test } from "vitest";
import { RecentIds } from "./recent-ids.ts";

test("an id is known for as many as are promised, and forgotten within twice as many", () => {
  const ids = new RecentIds(3);
  for (const id of ["a", "b", "c", "d", "e"]) expect(ids.see(id)).toBe(false);
  expect(["c", "d", "e"].map((id) => ids.see(id))).toEqual([true, true, true]);
  expect(ids.see("f")).toBe(false);
  expect(ids.see("a")).toBe(false);
});
