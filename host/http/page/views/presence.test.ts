import { expect, test } from "vitest";
import type { Happening, HappeningKind, Subject } from "../../../timeline/happening.ts";
import { MAX_ROWS, presenceOf, unwatchedOf } from "./presence.ts";

const board: Subject = { kind: "board", name: "sim-1" };
let n = 0;
const happened = (kind: HappeningKind, at: number, subject = board): Happening => ({
  ...{ n: ++n, at, level: "info", kind, subject, text: kind },
});

/** Between 1000 and 2000; what happened is given the oldest first. */
function rowsOf(own: Happening[], before: Happening[] = []) {
  return presenceOf([...own].reverse(), before, 1000, 2000);
}

test("a bar goes from where it came to where it went, and on to now", () => {
  const { rows } = rowsOf([happened("up", 1200), happened("down", 1600), happened("resumed", 1700)]);
  expect(rows[0].bars).toEqual([
    { from: 0.2, to: 0.6, isThere: true },
    { from: 0.6, to: 0.7, isThere: false },
    { from: 0.7, to: 1, isThere: true },
  ]);
});

test("what was before the range says how its bar begins", () => {
  const { rows } = rowsOf([happened("down", 1500)], [happened("up", 100)]);
  expect(rows[0].bars).toEqual([
    { from: 0, to: 0.5, isThere: true },
    { from: 0.5, to: 1, isThere: false },
  ]);
  expect(rowsOf([], [happened("down", 100)]).rows[0].bars).toEqual([{ from: 0, to: 1, isThere: false }]);
});

test("losses, breaks and resumes have marks, what the bar says and notes have none", () => {
  const { rows } = rowsOf([happened("up", 1100), happened("note", 1200), happened("loss", 1300)]);
  expect(rows[0].marks.map(({ at, kind, count }) => [at, kind, count])).toEqual([[0.3, "loss", 1]]);
});

test("marks at one place are one, the gravest, with their number", () => {
  const { rows } = rowsOf([happened("down", 1500), happened("loss", 1501), happened("resumed", 1502)]);
  expect(rows[0].marks.map(({ at, kind, count }) => [at, kind, count])).toEqual([[0.5, "loss", 3]]);
});

test("a flapping board is a bounded number of marks", () => {
  const many = Array.from({ length: 5000 }, (_, i) =>
    happened(i % 2 === 0 ? "down" : "resumed", 1000 + i / 5),
  );
  expect(rowsOf(many).rows[0].marks.length).toBeLessThanOrEqual(241);
});

test("rows stand by kind and name, wherever news comes from, and are bounded", () => {
  const names = ["b", "a"].map((name) => happened("up", 1500, { kind: "board", name }));
  const port = happened("up", 1400, { kind: "port", name: "serial /dev/x" });
  expect(rowsOf([port, ...names]).rows.map(({ subject }) => subject.name)).toEqual([
    "a",
    "b",
    "serial /dev/x",
  ]);
  const all = Array.from({ length: 100 }, (_, i) => happened("up", 1500, { kind: "board", name: `b${i}` }));
  const { rows, unshown } = rowsOf(all);
  expect([rows.length, unshown]).toEqual([MAX_ROWS, 40]);
});

const bowline: Subject = { kind: "bowline", name: "" };

test("while the gateway did not run a board was neither there nor away, and is away until it is back", () => {
  const own = [
    ...[happened("up", 1100), happened("down", 1300, bowline)],
    ...[happened("up", 1500, bowline), happened("resumed", 1600)],
  ];
  const newestFirst = [...own].reverse();
  const unwatched = unwatchedOf(newestFirst, [], 1000);
  expect(unwatched).toEqual([{ from: 1300, to: 1500 }]);
  const { rows } = presenceOf(newestFirst, [], 1000, 2000, unwatched);
  expect(rows.map(({ subject, bars }) => [subject.kind, bars])).toEqual([
    [
      "board",
      [
        { from: 0.1, to: 0.3, isThere: true },
        { from: 0.3, to: 0.5, isThere: null },
        { from: 0.5, to: 0.6, isThere: false },
        { from: 0.6, to: 1, isThere: true },
      ],
    ],
    [
      "bowline",
      [
        { from: 0.3, to: 0.5, isThere: false },
        { from: 0.5, to: 1, isThere: true },
      ],
    ],
  ]);
});

test("a gateway that was away when the range begins watched nothing until it began; a store is as it was", () => {
  const store: Subject = { kind: "store", name: "" };
  const before = [happened("mended", 100, store), happened("up", 100), happened("down", 200, bowline)];
  const own = [happened("up", 1500, bowline), happened("up", 1500)].reverse();
  const unwatched = unwatchedOf(own, before, 1000);
  const { rows } = presenceOf(own, before, 1000, 2000, unwatched);
  expect(rows.slice(0, 2).map(({ subject, bars }) => [subject.kind, bars])).toEqual(
    ["board", "store"].map((kind) => [
      kind,
      [
        { from: 0, to: 0.5, isThere: null },
        { from: 0.5, to: 1, isThere: true },
      ],
    ]),
  );
});

test("ends of the gateway with nothing behind them are no time that nobody watched", () => {
  const own = [happened("up", 1200, bowline), happened("down", 1500, bowline)].reverse();
  expect(unwatchedOf(own, [], 1000)).toEqual([]);
});
