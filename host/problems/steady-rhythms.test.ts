/** Silence is told from having nothing to say. */
import { expect, test } from "vitest";
import { SteadyRhythms } from "./steady-rhythms.ts";

const T0 = 1_795_301_705_000;

function heard(times: readonly number[], type = "l:temp", rhythms = new SteadyRhythms()): SteadyRhythms {
  for (const t of times) rhythms.note("b-1", type, T0 + t);
  return rhythms;
}
const every = (ms: number, count: number) => Array.from({ length: count }, (_, i) => i * ms);

test("what came every 30 s is silent once it was missed three times", () => {
  const rhythms = heard(every(30_000, 6));
  expect(rhythms.silent(T0 + 150_000 + 89_000)).toEqual([]);
  expect(rhythms.silent(T0 + 150_000 + 90_000)).toEqual([
    { device: "b-1", type: "l:temp", everyMs: 30_000, lastAt: T0 + 150_000 },
  ]);
});

test("what comes every second may pause for a minute", () => {
  const rhythms = heard(every(1000, 20));
  expect(rhythms.silent(T0 + 19_000 + 59_000)).toEqual([]);
  expect(rhythms.silent(T0 + 19_000 + 60_000).length).toBe(1);
});

test("what came a few times, or now and then, is never silent", () => {
  expect(heard(every(30_000, 5)).silent(T0 + 1e9)).toEqual([]);
  expect(heard([0, 500, 90_000, 91_000, 300_000, 300_200, 900_000]).silent(T0 + 1e9)).toEqual([]);
});

test("of several types the one that has been missed for longest is told", () => {
  const rhythms = heard(every(10_000, 20));
  heard(every(10_000, 8), "l:humidity", rhythms);
  expect(rhythms.silent(T0 + 1e6).map(({ type }) => type)).toEqual(["l:humidity"]);
});

test("after a break a rhythm has to show itself anew", () => {
  const rhythms = heard(every(30_000, 6));
  rhythms.forget("b-1");
  expect(rhythms.silent(T0 + 1e9)).toEqual([]);
});

test("boards and types without end take no memory without end", () => {
  const rhythms = new SteadyRhythms();
  for (let i = 0; i < 20_000; i++)
    for (const t of every(30_000, 6)) rhythms.note(`b-${i % 4000}`, `l:${i}`, T0 + t);
  expect(rhythms.silent(T0 + 1e9).length).toBeLessThanOrEqual(4000);
  for (let i = 0; i < 4000; i++) rhythms.forget(`b-${i}`);
  for (const t of every(30_000, 6)) rhythms.note("fresh", "l:temp", T0 + t);
  expect(rhythms.silent(T0 + 1e9).map(({ device }) => device)).toEqual(["fresh"]);
});
