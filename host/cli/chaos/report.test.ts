import { describe, expect, test } from "vitest";
import { formatProgress, formatReport, jsonOf, type Report, summaryOf } from "./report.ts";

const nothingBad = { lost: 0, repeated: 0, reordered: 0, corrupted: 0 };
const good: Report = {
  ...{ seed: 7, boards: 3, serial: false, powercut: false, isOver: true, isInterrupted: false },
  wanted: { packets: 100, cuts: 5, kills: 2 },
  up: { sent: 110, acknowledged: 110, delivered: 110, ...nothingBad },
  down: { sent: 10, acknowledged: 10, delivered: 10, ...nothingBad },
  ...{ cuts: 5, kills: 2, connections: 8, resumes: 5, resent: 12, suppressed: 3, bytes: 12_345 },
  readBack: { kept: 113, vanished: 0, changed: 0, gaps: 0 },
  seconds: 2.34,
  complaints: [],
};

test("a run in which nothing went wrong passes, and says all it counted", () => {
  expect(summaryOf(good)).toBe("");
  expect(formatReport(good)).toEqual([
    "way          sent  acknowledged  delivered  lost  repeated  reordered  corrupted",
    "from boards   110           110        110     0         0          0          0",
    "to boards      10            10         10     0         0          0          0",
    "5 cuts, 2 kills, 8 connections, 5 of them resumed a session; 12 packets resent, 3 duplicates suppressed; 0.0 MB in 2.3 s",
    "store read back: 113 messages, 0 vanished, 0 changed",
    "PASS  seed 7",
  ]);
  expect(jsonOf(good)).toMatchObject({ verdict: "pass", seed: 7, store: { kept: 113 } });
});

test.each([
  [{ up: { ...good.up, lost: 2 } }, "2 lost"],
  [{ up: { ...good.up, repeated: 1 } }, "1 repeated"],
  [{ up: { ...good.up, reordered: 1 } }, "1 reordered"],
  [{ down: { ...good.down, corrupted: 1 } }, "1 corrupted"],
  [{ up: { ...good.up, lost: 1, repeated: 3 }, down: { ...good.down, lost: 2 } }, "3 lost, 3 repeated"],
  [{ readBack: { kept: 1, vanished: 4, changed: 0, gaps: 0 } }, "4 vanished from the store"],
  [{ readBack: { kept: 1, vanished: 0, changed: 3, gaps: 0 } }, "3 changed in the store"],
])("%j fails: %s, which the table shows", (change, summary) => {
  const bad = { ...good, ...change };
  expect(summaryOf(bad)).toBe(summary);
  expect(formatReport(bad)).toHaveLength(6);
  expect(formatReport(bad).at(-1)).toBe("FAIL  seed 7");
  expect(jsonOf(bad)).toMatchObject({ verdict: "fail" });
});

test.each([
  [{ up: { ...good.up, acknowledged: 108 } }, "2 never acknowledged to the boards"],
  [{ readBack: { kept: 1, vanished: 0, changed: 0, gaps: 1 } }, "1 gaps in the store's numbers"],
  [{ cuts: 4 }, "it stood still after 4 of 5 cuts and 2 of 2 kills"],
  [{ complaints: ["a: Uncaught\u001b[2J"] }, "a: Uncaught\\u001b[2J"],
])("%j fails: a line says %s, for no table does", (change, fault) => {
  const bad = { ...good, ...change };
  expect(summaryOf(bad)).toBe("1 more, told above");
  expect(formatReport(bad).slice(-2)).toEqual([`wrong: ${fault}`, "FAIL  seed 7"]);
  expect(jsonOf(bad)).toMatchObject({ verdict: "fail" });
});

test("of many complaints the first twenty are told, and the others counted", () => {
  const complaints = Array.from({ length: 1000 }, (_, i) => `complaint ${i}`);
  const lines = formatReport({ ...good, complaints });
  expect(lines.filter((line) => line.startsWith("wrong: complaint"))).toHaveLength(20);
  expect(lines.slice(-2)).toEqual(["wrong: 980 more, in --json", "FAIL  seed 7"]);
});

test("a run that was stopped says what was on its way, and does not call it lost", () => {
  const up = { ...good.up, acknowledged: 90, delivered: 90 };
  const stopped = { ...good, up, cuts: 1, isOver: false, isInterrupted: true, readBack: undefined };
  expect(summaryOf(stopped)).toBe("");
  expect(formatReport(stopped).slice(-2)).toEqual([
    "stopped: 20 messages were on their way",
    "INTERRUPTED  seed 7",
  ]);
});

test("progress is one line", () => {
  expect(formatProgress({ ...good, seconds: 10 })).toBe(
    "110 from boards (11/s), 10 to boards  5/5 cuts  2/2 kills  lost 0  repeated 0",
  );
});

describe("with several gateways", () => {
  const requests = {
    withdrawn: 6,
    executed: 2,
    forbidden: 3,
    late: 0,
    open: 0,
    contradicted: 0,
    forgotten: 0,
    unknown: 0,
  };
  const far = { sent: 100, acknowledged: 100, delivered: 100, ...nothingBad };
  const part = { gateways: 3, far, requests, restarts: 1, holds: 2, wantedHolds: 2 };
  const chained = { ...good, chain: part };

  test("what came to the far end, and what was withdrawn, is told as well", () => {
    expect(summaryOf(chained)).toBe("");
    const lines = formatReport(chained);
    expect(lines[2]).toBe("to far end    100           100        100     0         0          0          0");
    expect(lines[5]).toBe(
      "6 requests withdrawn, 2 of them carried out before that; 3 behind 2 held lines, 0 of them carried out all the same; 1 restarts in order",
    );
    expect(jsonOf(chained)).toMatchObject({ verdict: "pass", gateways: 3, far, requests, holds: 2 });
  });

  test("what is lost on the way to the far end fails", () => {
    expect(summaryOf({ ...chained, chain: { ...part, far: { ...far, lost: 1 } } })).toBe("1 lost");
  });

  test.each([
    [{ late: 2 }, "2 withdrawn requests carried out all the same"],
    [{ open: 1 }, "1 requests without an outcome"],
    [{ contradicted: 1 }, "1 requests of which two different outcomes were told"],
    [{ forgotten: 1 }, "1 requests that were accepted, and are not known any more"],
    [{ unknown: 1 }, "1 requests of which nobody knows what became"],
  ])("%j fails: a line says %s", (change, fault) => {
    const bad = { ...chained, chain: { ...part, requests: { ...requests, ...change } } };
    expect(summaryOf(bad)).toBe("1 more, told above");
    expect(formatReport(bad).slice(-2)).toEqual([`wrong: ${fault}`, "FAIL  seed 7"]);
  });

  test("a line that was not held fails once all is over", () => {
    const few = { ...chained, chain: { ...part, holds: 1 } };
    expect(summaryOf(few)).toBe("1 more, told above");
    expect(summaryOf({ ...few, isOver: false, isInterrupted: true })).toBe("");
  });
});
