/** Which kills are remembered, and under what they are counted. */
import { beforeEach, expect, test } from "vitest";
import { Audit, type AuditKind } from "./audit.ts";
import type { KillOutcome, KillView } from "./views.ts";

let lines: [AuditKind, number][];
let audit: Audit;
beforeEach(() => {
  lines = [];
  audit = new Audit({ onLine: (kind, place) => void lines.push([kind, place]) });
});

function kill(at: number, outcome: KillOutcome): KillView {
  return {
    ...{ at, task: `t${at}`, by: { via: "http", who: "operator" }, spec: "example_clock", outcome },
    ...{ how: "", why: "", ms: 0, children: [] },
  };
}

test("a kill that is told twice is counted once, and one that comes to its outcome moves to that", () => {
  const one = kill(1, "pending");
  audit.record(one);
  audit.record(one);
  expect([audit.counts.outcomes.pending, lines]).toEqual([1, [["done", 0]]]);
  one.outcome = "confirmed";
  audit.record(one);
  expect(audit.counts.outcomes).toMatchObject({ pending: 0, confirmed: 1 });
  expect(lines).toEqual([
    ["done", 0],
    ["done", 0],
  ]);
  expect(audit.lineAt("done", 0)).toBe(one);
});

test("a place without a line has none", () => {
  expect(audit.lineAt("refused", 3)).toBeNull();
});

test("what was kept is there again; a place that there is none of any more is left out", () => {
  audit.restore("refused", [
    [199, kill(5, "refused")],
    [200, kill(6, "refused")],
  ]);
  expect(audit.newest(10).map(({ at }) => at)).toEqual([5]);
});

test("the next line goes behind the newest that was kept, wherever that stood", () => {
  // Its ring had come round: the newest stands in front of the oldest.
  audit.restore("done", [
    [0, kill(8, "confirmed")],
    [1, kill(9, "confirmed")],
    [2, kill(3, "pending")],
  ]);
  audit.record(kill(10, "confirmed"));
  expect(lines).toEqual([["done", 2]]);
  expect(audit.newest(10).map(({ at }) => at)).toEqual([10, 9, 8]);
});

test("nobody knows what came of a kill that was pending", () => {
  audit.restore("done", [[0, kill(3, "pending")]]);
  expect(audit.newest(1)).toMatchObject([{ outcome: "unconfirmed", how: "the gateway ended" }]);
});
