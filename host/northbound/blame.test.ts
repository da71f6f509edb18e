/** Whether a message that is not taken is one board's matter: what others vouch for, and what is remembered. */
import { beforeEach, expect, test } from "vitest";
import { Blame } from "./blame.ts";
import { Held } from "./sink.ts";

const failed = new Error("500");
let blame: Blame;
beforeEach(() => {
  blame = new Blame();
});

test("the same message that fails three times, and others are taken in between, is its board's own", () => {
  const outcomes: boolean[] = [];
  for (let i = 0; i < 3; i++) {
    blame.taken("b");
    outcomes.push(blame.isOwn("a", 7, failed, false));
  }
  expect(outcomes).toEqual([false, false, true]);
});

test("one that fails while nothing is taken is everybody's matter, however often", () => {
  for (let i = 0; i < 9; i++) expect(blame.isOwn("a", 7, failed, false)).toBe(false);
  expect([blame.isSuspect("a"), blame.isAnythingTaken]).toEqual([true, false]);
});

test("what is held is its board's at once, and another message begins anew", () => {
  expect(blame.isOwn("a", 7, new Held("not you", ""), false)).toBe(true);
  for (const n of [7, 7, 8, 8]) expect(blame.isOwn("a", n, failed, true)).toBe(false);
  expect(blame.isOwn("a", 8, failed, true)).toBe(true);
});

test("of suspects the newest 256 are remembered, and none over another connection", () => {
  for (let i = 0; i < 257; i++) blame.isOwn(`b${i}`, 1, failed, true);
  expect([blame.isSuspect("b0"), blame.isSuspect("b1"), blame.isSuspect("b256")]).toEqual([
    false,
    true,
    true,
  ]);
  blame.clear();
  expect(blame.hasSuspects).toBe(false);
});
