import { describe, expect, test } from "vitest";
import { randomInteger, seededRandom } from "../transports/random.ts";
import { type CachedContainer, ContainerCache } from "./container-cache.ts";

const HOUR = 3_600_000;
/** Of the cache that is held against a simple one: some entries grow old, some have to make room. */
const KEEP_MS = 90;

function entry(mid: number, at = 0, more: Partial<CachedContainer> = {}): CachedContainer {
  const oids = [String(mid % 10)];
  const parts = [{ did: String(mid % 7), bp: 0, end: 10 }];
  const text = `{"mid":"${mid}"}${"x".repeat(mid % 50)}`;
  return { text, mid: String(mid), oids, parts, place: "#lab", isPublic: true, party: null, at, ...more };
}

/** What an entry takes of the budget: its text twice, and 400. */
const cost = ({ text }: CachedContainer) => 2 * text.length + 400;

test("finds by mid, oid and did, in the order in which they were added", () => {
  const cache = new ContainerCache(100_000, HOUR);
  const all = [1, 8, 11, 15].map((mid) => entry(mid));
  for (const one of all) cache.add(one);
  expect(cache.find("mid", "8", 0)).toEqual([all[1]]);
  expect(cache.find("oid", "1", 0)).toEqual([all[0], all[2]]);
  expect(cache.find("did", "1", 0)).toEqual([all[0], all[1], all[3]]);
  expect(cache.find("did", "no", 0)).toEqual([]);
});

test("the same text at the same place is one entry, as old as it was said last; at another place it is another", () => {
  const cache = new ContainerCache(100_000, HOUR);
  cache.add(entry(1, 0));
  cache.add(entry(1, 1000));
  cache.add(entry(1, 2000, { place: "#two" }));
  cache.add(entry(1, 3000, { party: "n:eve" }));
  expect(cache.find("mid", "1", 3000).map(({ at }) => at)).toEqual([1000, 2000, 3000]);
});

describe("the bytes it holds", () => {
  test("stay within the budget: what was longest of no use goes first", () => {
    const all = [10, 20, 30, 40].map((mid) => entry(mid));
    const cache = new ContainerCache(all.slice(0, 3).reduce((sum, one) => sum + cost(one), 0) + 50, HOUR);
    for (const one of all.slice(0, 3)) cache.add(one);
    cache.use(all[0]);
    cache.add(all[3]);
    expect(all.map((one) => cache.has(one))).toEqual([true, false, true, true]);
    expect(cache.find("mid", "20", 0)).toEqual([]);
  });

  test("an entry that is more than all is not kept, and pushes nothing out", () => {
    const cache = new ContainerCache(2000, HOUR);
    cache.add(entry(1));
    cache.add(entry(2, 0, { text: "x".repeat(2000) }));
    expect([cache.size, cache.find("mid", "1", 0).length]).toEqual([1, 1]);
  });
});

describe("what is too old", () => {
  test("is not found any more, also before it is collected", () => {
    const cache = new ContainerCache(100_000, HOUR);
    cache.add(entry(1));
    expect(cache.find("mid", "1", HOUR - 1)).toHaveLength(1);
    expect(cache.find("mid", "1", HOUR)).toEqual([]);
    expect(cache.size).toBe(1);
  });

  test("goes a few entries a step, and all of it in the end (S-3)", () => {
    const cache = new ContainerCache(10_000_000, HOUR);
    for (let mid = 0; mid < 1000; mid++) cache.add(entry(mid, mid < 900 ? 0 : HOUR));
    const steps: number[] = [];
    while (cache.size > 100) steps.push(cache.sweep(HOUR + 1));
    expect(Math.max(...steps)).toBeLessThanOrEqual(64);
    expect(steps.length).toBeGreaterThan(14);
    for (let i = 0; i < 10; i++) cache.sweep(HOUR + 1);
    expect(cache.size).toBe(100);
  });
});

test.each([1, 2, 3, 4, 5])("is what a simple one would be, whatever is done to it (seed %i)", (seed) => {
  const random = seededRandom(seed);
  const cache = new ContainerCache(20_000, KEEP_MS);
  let twin: CachedContainer[] = [];
  for (let now = 0; now < 4000; now++) {
    const mid = randomInteger(random, 1, 80);
    const roll = random();
    if (roll < 0.5) {
      const added = entry(mid, now);
      cache.add(added);
      twin = [...twin.filter(({ text }) => text !== added.text), added];
      while (twin.reduce((sum, one) => sum + cost(one), 0) > 20_000) twin.shift();
    } else if (roll < 0.7) {
      const [found] = cache.find("mid", String(mid), now);
      if (found !== undefined) {
        cache.use(found);
        twin = [...twin.filter((one) => one !== found), found];
      }
    } else if (roll < 0.72) {
      cache.forget((one) => one.mid === String(mid));
      twin = twin.filter((one) => one.mid !== String(mid));
    } else {
      cache.sweep(now);
      twin = twin.filter((one) => cache.has(one) || now - one.at < KEEP_MS);
    }
    const did = String(mid % 7);
    const wanted = twin.filter(({ at, parts }) => now - at < KEEP_MS && parts[0].did === did);
    const textsOf = (some: CachedContainer[]) => some.map(({ text }) => text).sort();
    const bytes = twin.reduce((sum, one) => sum + cost(one), 0);
    const found = `${textsOf(cache.find("did", did, now))} ${cache.bytes}`;
    if (found !== `${textsOf(wanted)} ${bytes}`)
      expect.fail(`seed ${seed}, step ${now}: ${found}, expected ${textsOf(wanted)} ${bytes}`);
  }
});
