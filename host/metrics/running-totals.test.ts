import { expect, test } from "vitest";
import { randomInteger, seededRandom } from "../transports/random.ts";
import { BoundedLabels } from "./bounded-labels.ts";
import { RunningTotals } from "./running-totals.ts";

const values = (totals: RunningTotals, labels: string[], present: number) =>
  Object.fromEntries(
    totals.samples("peer", labels, present).map(({ labels: { peer }, value }) => [peer, value]),
  );

test("a label's total is what its members have grown by, also past one that leaves or begins anew", () => {
  const totals = new RunningTotals();
  totals.add("a", "other", 5);
  totals.add("b", "other", 7);
  expect(values(totals, ["other"], 2)).toEqual({ other: 12 });
  totals.add("b", "other", 9);
  expect(values(totals, ["other"], 1)).toEqual({ other: 14 });
  totals.add("a", "other", 6); // it is back, and goes on where it was
  totals.add("b", "other", 1); // it began anew
  expect(values(totals, ["other"], 2)).toEqual({ other: 16 });
});

test("a label that is in use no more is gone", () => {
  const totals = new RunningTotals();
  totals.add("a", "a", 5);
  expect(values(totals, ["a"], 1)).toEqual({ a: 5 });
  expect(values(totals, [], 0)).toEqual({});
});

test("whoever comes and goes, no total falls while its label is in use", () => {
  const seed = 8;
  const random = seededRandom(seed);
  const [totals, labels] = [new RunningTotals(), new BoundedLabels(5)];
  const counts = new Map<string, number>();
  const fallen: string[] = [];
  let before: Record<string, number> = {};
  for (let scrape = 0; scrape < 300; scrape++) {
    const present = Array.from({ length: 12 }, (_, i) => `board-${i}`).filter(() => random() < 0.8);
    labels.refresh(present);
    for (const name of present) {
      counts.set(name, (counts.get(name) ?? 0) + randomInteger(random, 0, 9));
      totals.add(name, labels.labelOf(name), counts.get(name)!);
    }
    const inUse = present.map((name) => labels.labelOf(name));
    const now = values(totals, inUse, present.length);
    for (const label of inUse)
      if (now[label] < (before[label] ?? 0)) fallen.push(`seed ${seed}, scrape ${scrape}: ${label}`);
    before = now;
  }
  expect(fallen).toEqual([]);
  expect(Object.keys(before)).toContain("other");
});
