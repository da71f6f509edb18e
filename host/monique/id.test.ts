import { expect, test } from "vitest";
import { drawId, isId } from "./id.ts";

test("ids are 40 letters and digits, and no two are the same", () => {
  const ids = new Set(Array.from({ length: 10_000 }, drawId));
  expect(ids.size).toBe(10_000);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]{40}$/);
});

test("every letter comes as often as every other", () => {
  const counts = new Map<string, number>();
  const ids = 5000;
  for (let i = 0; i < ids; i++)
    for (const letter of drawId()) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const expected = (ids * 40) / 62;
  // χ² of 61 degrees of freedom is above 130 once in a million runs; bytes modulo 62 would come to some 2000.
  const chi = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  expect(counts.size).toBe(62);
  expect(chi).toBeLessThan(130);
});

test.each([
  ["", false],
  ["a".repeat(39), false],
  ["a".repeat(40), true],
  ["a".repeat(41), false],
  [`${"a".repeat(39)}-`, false],
  [`${"a".repeat(40)}\n`, false],
  ["restart_communicational", false],
  ["bqMjFhN9oWV/PbBCa26Wv7bRufo=", false],
])("isId(%j) is %j", (text, is) => {
  expect(isId(text)).toBe(is);
});
