import { expect, test } from "vitest";
import { KeptOutcomes } from "./kept-outcomes.ts";

test("the one that ended first goes for one too many, whatever its number, and is told", () => {
  const kept = new KeptOutcomes<{ rq: number; reply?: object }>(2);
  expect([kept.add({ rq: 9, reply: { re: 9, v: [1] } }), kept.add({ rq: 3 })]).toEqual([
    undefined,
    undefined,
  ]);
  expect(kept.add({ rq: 5 })).toEqual({ rq: 9, reply: { re: 9, v: [1] } });
  expect([kept.get(9), kept.get(3), kept.get(5)]).toEqual([undefined, { rq: 3 }, { rq: 5 }]);
});

test("the highest numbers are shown first, and no more than asked for", () => {
  const kept = new KeptOutcomes(10);
  for (const rq of [4, 30, 7, 12]) kept.add({ rq });
  expect(kept.highest(3).map(({ rq }) => rq)).toEqual([30, 12, 7]);
});
