/** However many strangers describe however much, what is kept of it is bounded, and it is the latest. */
import { expect, test } from "vitest";
import { seededRandom } from "../transports/random.ts";
import { parseDescription } from "./description-text.ts";
import { LearnedTypes, MAX_LEARNED_CHARS } from "./learned-types.ts";
import { learnAnswer } from "./lookup.ts";
import { Registry } from "./registry.ts";
import type { TypeDescription } from "./type-description.ts";

const type = (ot: string, chars: number): TypeDescription => {
  const empty = { ot, meaning: "" };
  return { ot, meaning: "m".repeat(chars - JSON.stringify(empty).length) };
};

test("the characters of all are at most so many: who was not heard for longest goes first, with all of his", () => {
  const learned = new LearnedTypes();
  for (let i = 0; i < 40; i++) for (let j = 0; j < 32; j++) learned.add(`robot-${i}`, type(`l:${j}`, 8000));
  // Four of them have 4 × 32 × 8007 characters; a fifth would have too many.
  expect([35, 36, 39].map((i) => learned.of(`robot-${i}`).length)).toEqual([0, 32, 32]);
  learned.add("robot-36", type("l:0", 8000));
  learned.add("late", type("l:0", 30_000));
  expect([36, 37, 38].map((i) => learned.of(`robot-${i}`).length)).toEqual([32, 0, 32]);
  expect(learned.chars).toBeLessThanOrEqual(MAX_LEARNED_CHARS);
});

test("what is counted is what is there, whatever came, came again, and went", () => {
  const random = seededRandom(1);
  const learned = new LearnedTypes();
  for (let n = 0; n < 5000; n++) {
    const sender = `robot-${Math.floor(random() * 80)}`;
    learned.add(sender, type(`l:${Math.floor(random() * 40)}`, 100 + Math.floor(random() * 2000)));
    expect(learned.chars).toBeLessThanOrEqual(MAX_LEARNED_CHARS);
  }
  let chars = 0;
  for (let i = 0; i < 80; i++)
    for (const one of learned.of(`robot-${i}`)) chars += `robot-${i}`.length + JSON.stringify(one).length;
  expect(learned.chars).toBe(chars);
  expect(learned.all().length).toBeGreaterThan(64);
});

test("a description has room for 8192 characters, whatever they are of, and what is not kept of it does not count", () => {
  const items = (meaning: number) =>
    Array.from({ length: 33 }, (_, i) => ({ name: `v${i}`, kind: "text", meaning: "m".repeat(meaning) }));
  const described = { ot: "l:x", meaning: "", items: items(200) };
  const spare = 8192 - JSON.stringify(described).length;
  expect(spare).toBeLessThan(200);
  const full = { ...described, meaning: "m".repeat(spare) };
  expect(parseDescription(full)).toEqual(full);
  expect(parseDescription({ ...full, meaning: `${full.meaning}m` })).toBeUndefined();
  expect(parseDescription({ ...described, more: "x".repeat(100_000) })).toEqual(described);
  const choices = Array(32).fill("c".repeat(64));
  const list = Array.from({ length: 64 }, (_, i) => ({ name: `v${i}`, kind: "text", choices }));
  for (const name of ["items", "request", "reply"])
    expect(parseDescription({ ot: "l:x", [name]: list })).toBeUndefined();
});

test("who has an address longer than any describes nothing", () => {
  const registry = new Registry({ boards: [], types: [] });
  const answer = (src: string) => ({
    ...{ ot: "answer", src, dst: "" },
    a: { a1: src, ot: "l:x", d: { ot: "l:x", meaning: "" } },
  });
  expect(learnAnswer(answer(`${"x".repeat(122)}@phone`), registry)).toEqual(["l:x"]);
  expect(learnAnswer(answer(`${"x".repeat(123)}@phone`), registry)).toEqual([]);
});
