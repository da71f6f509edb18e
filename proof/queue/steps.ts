/** What may happen next, drawn (iotgw §12): each step is asked of the rig, which then must hold. */
import fc from "fast-check";
import { holdAll } from "./judge.ts";
import type { Rig, Wish } from "./rig.ts";
import type { Point } from "./surprises.ts";

class Step implements fc.Command<Rig, Rig> {
  constructor(
    private readonly name: string,
    private readonly act: (rig: Rig) => void,
  ) {}

  check(): boolean {
    return true;
  }

  run(rig: Rig): void {
    this.act(rig);
    holdAll(rig);
  }

  toString(): string {
    return this.name;
  }
}

const SHORT_MS = 300;
const LONG_MS = 60_000;

const wish = fc.record<Wish>({
  lane: fc.integer({ min: 0, max: 3 }),
  // 11 is above the largest frame.
  size: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 9 }) },
    { weight: 1, arbitrary: fc.constant(11) },
  ),
  ttl: fc.constantFrom(0, 0, SHORT_MS, SHORT_MS, LONG_MS),
  isRequeued: fc.constantFrom(true, true, true, false),
  key: fc.constantFrom("", "", "a", "b"),
  isForeign: fc.boolean(),
});

/** Of packets the last few: these are where something goes on. */
const pick = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 12 }));
const few = fc.integer({ min: 1, max: 4 });

function nth(rig: Rig, back: number, act: (entry: Rig["entries"][number]) => void): void {
  const { entries } = rig;
  if (entries.length > 0) act(entries[Math.max(0, entries.length - back)]);
}

const plain = (name: string, act: (rig: Rig) => void) => fc.constant(new Step(name, act));
const adding = wish.map((one) => new Step(`add ${JSON.stringify(one)}`, (rig) => rig.add(one)));
const withdrawing = pick.map(
  (n) => new Step(`withdraw ${n}`, (rig) => nth(rig, n, (one) => rig.withdraw(one))),
);

/** What comes in the middle of a call of the queue. */
const inside: Record<string, (rig: Rig, wish: Wish, n: number) => void> = {
  add: (rig, one) => rig.add(one),
  withdraw: (rig, _, n) => nth(rig, n, (one) => rig.withdraw(one)),
  close: (rig) => rig.notice(),
  open: (rig) => rig.open(),
  process: (rig) => rig.process(),
  acknowledge: (rig, _, n) => {
    rig.arrive(n);
    rig.acknowledge(n);
  },
  safe: (rig, _, n) => rig.safe(n),
};
/** A signal comes while a packet is being added, and a number in the middle of a choice: only that much may follow. */
const allowed: Record<Point, string[]> = {
  write: Object.keys(inside),
  outcome: Object.keys(inside),
  number: ["add", "safe"],
  signal: ["add"],
};
const surprise = fc
  .constantFrom<Point>("write", "write", "outcome", "number", "signal")
  .chain((point) => fc.tuple(fc.constant(point), fc.constantFrom(...allowed[point]), wish, few))
  .map(
    ([point, what, one, n]) =>
      new Step(`at the next ${point}: ${what} ${what === "add" ? JSON.stringify(one) : n}`, (rig) =>
        rig.surprises.add(point, () => inside[what](rig, one, n)),
      ),
  );

const frequent: [number, fc.Arbitrary<Step>][] = [
  [12, adding],
  [8, plain("process", (rig) => rig.process())],
  [5, plain("open", (rig) => rig.open())],
  [8, fc.integer({ min: 1, max: 40 }).map((n) => new Step(`give ${n} bytes`, (rig) => rig.give(n)))],
  [7, few.map((n) => new Step(`arrive ${n}`, (rig) => rig.arrive(n)))],
  [6, few.map((n) => new Step(`acknowledge ${n}`, (rig) => rig.acknowledge(n)))],
  [4, fc.integer({ min: 0, max: 3 }).map((n) => new Step(`lose, ${n} arrive`, (rig) => rig.lose(n)))],
  [5, plain("notice the loss", (rig) => rig.notice())],
  [1, plain("late word of a lost session", (rig) => rig.haunt())],
  [2, plain("suspend", (rig) => rig.connect(false))],
  [2, plain("resume", (rig) => rig.connect(true))],
  [5, withdrawing],
  [4, fc.constantFrom(1, 100, 250, SHORT_MS).map((ms) => new Step(`${ms} ms`, (rig) => rig.pass(ms)))],
  [4, plain("tick", (rig) => rig.tick())],
  [1, plain("remove the peer", (rig) => rig.remove())],
  [1, pick.map((n) => new Step(`add ${n} again`, (rig) => nth(rig, n, (one) => rig.addAgain(one))))],
  [3, pick.map((n) => new Step(`finish ${n}`, (rig) => nth(rig, n, (one) => rig.finish(one))))],
  [5, few.map((n) => new Step(`safe ${n}`, (rig) => rig.safe(n)))],
  [1, plain("the peer forgets", (rig) => rig.forget())],
  [4, surprise],
];

export const steps: fc.Arbitrary<Step>[] = frequent.flatMap(([weight, arbitrary]) =>
  Array.from({ length: weight }, () => arbitrary),
);
