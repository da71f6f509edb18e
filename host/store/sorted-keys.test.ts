import fc from "fast-check";
import { expect, test } from "vitest";
import { SortedKeys } from "./sorted-keys.ts";

const key = (i: number) => `k/${String(i).padStart(5, "0")}`;
interface Run {
  from: number;
  count: number;
  step: number;
}
interface Look {
  gte: number;
  lt: number;
  limit: number;
}
const all = (keys: SortedKeys) => keys.range("", "\uffff", Infinity);

test("any keys, added and removed in any order, are those of a sorted list, from either end", () => {
  const number = fc.integer({ min: 0, max: 4000 });
  const run = fc.record({
    from: number,
    count: fc.integer({ min: 1, max: 900 }),
    step: fc.integer({ min: -3, max: 3 }),
  });
  const look = fc.record({ gte: number, lt: number, limit: fc.integer({ min: 0, max: 700 }) });
  const follow = (turns: [Run, boolean, Look][]) => {
    const keys = new SortedKeys();
    const twin = new Set<string>();
    for (const [{ from, count, step }, isAdding, { gte, lt, limit }] of turns) {
      for (let i = 0; i < count; i++) {
        const one = key((from + i * step + 4000 * 3) % 4000);
        if (isAdding && !twin.has(one)) keys.add(one);
        if (!isAdding && twin.has(one)) keys.remove(one);
        if (isAdding) twin.add(one);
        else twin.delete(one);
      }
      const within = [...twin].filter((one) => one >= key(gte) && one < key(lt)).sort();
      expect(keys.range(key(gte), key(lt), limit)).toEqual(within.slice(0, limit));
      expect(keys.rangeFromEnd(key(gte), key(lt), limit)).toEqual(within.reverse().slice(0, limit));
    }
    expect(all(keys)).toEqual([...twin].sort());
  };
  fc.assert(fc.property(fc.array(fc.tuple(run, fc.boolean(), look), { maxLength: 12 }), follow), {
    seed: 11,
    numRuns: 60,
  });
});

test("keys that come behind each other and go from the front leave what is between", () => {
  const keys = new SortedKeys();
  for (let i = 0; i < 5000; i++) {
    keys.add(key(i));
    if (i >= 700) keys.remove(key(i - 700));
  }
  expect(all(keys)).toEqual(Array.from({ length: 700 }, (_, i) => key(4300 + i)));
  for (let i = 4999; i >= 4300; i--) keys.remove(key(i));
  expect(all(keys)).toEqual([]);
  keys.add(key(1));
  expect(all(keys)).toEqual([key(1)]);
});
