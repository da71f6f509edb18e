import { expect, test } from "vitest";
import { ReplyLimit } from "./reply-limit.ts";

test("six at once, then one in ten seconds; others have theirs", () => {
  const limit = new ReplyLimit();
  const take = (asker: string, now: number) => limit.take(asker, now);
  expect(Array.from({ length: 8 }, () => take("a", 0))).toEqual([...Array(6).fill(true), false, false]);
  expect(take("b", 0)).toBe(true);
  expect([take("a", 9_999), take("a", 10_000), take("a", 10_001)]).toEqual([false, true, false]);
  expect(limit.refused).toBe(4);
  expect(Array.from({ length: 7 }, () => take("a", 1e9))).toEqual([...Array(6).fill(true), false]);
});

test("strangers without number share what is left", () => {
  const limit = new ReplyLimit();
  for (let i = 0; i < 1000; i++) expect(limit.take(`s${i}`, 0)).toBe(true);
  const told = Array.from({ length: 100 }, (_, i) => limit.take(`t${i}`, 1)).filter(Boolean);
  expect(told).toHaveLength(6);
});

test("who is refused is told so once until they have rested; who has proved who they are has more", () => {
  const limit = new ReplyLimit();
  const take = (now: number) => limit.take("a", now);
  for (let i = 0; i < 6; i++) take(0);
  expect(limit.isNews("a")).toBe(true);
  expect([take(1), limit.isNews("a"), take(10_001), take(10_002), limit.isNews("a")]).toEqual([
    ...[false, false, true, false, false],
  ]);
  expect([take(1e6), limit.isNews("a")]).toEqual([true, false]);
  for (let i = 0; i < 5; i++) take(1e6);
  expect([take(1e6), limit.isNews("a"), limit.raise("a"), limit.raise("a")]).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(Array.from({ length: 25 }, () => take(1e6)).filter(Boolean)).toHaveLength(24);
  // It is news once more: what they have now is something else.
  expect([limit.isNews("a"), limit.isNews("a")]).toEqual([true, false]);
  expect([take(1e6 + 999), take(1e6 + 1001)]).toEqual([false, true]);
});

test("those who have rested are forgotten for others, each with a whole share", () => {
  const limit = new ReplyLimit();
  for (let i = 0; i < 1000; i++) limit.take(`s${i}`, i === 0 ? 20_000 : 0);
  const take = (asker: string) => Array.from({ length: 7 }, () => limit.take(asker, 20_000));
  const whole = [...Array(6).fill(true), false];
  expect([take("t"), take("u")]).toEqual([whole, whole]);
});
