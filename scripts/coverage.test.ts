/** A room whose branches the tests leave out fails by name, with the places. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { folderForEach } from "../host/testing/folders.ts";
import { judgeCoverage, readCoverage, rooms } from "./coverage.mjs";
import { globSync } from "./glob.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const place = folderForEach("coverage");

const at = (line: number, column: number) => ({ start: { line, column }, end: { line, column: column + 1 } });

/** A report of one `if` a count: [taken, not taken]. */
function report(counts: Record<string, number[][]>) {
  const files = Object.entries(counts).map(([path, b]) => {
    const branches = b.map((_, i) => [
      i,
      { type: "if", loc: at(i + 1, 2), locations: [at(i + 1, 6), { start: {} }] },
    ]);
    return [
      join(place(), path),
      { path: join(place(), path), branchMap: Object.fromEntries(branches), b: { ...b } },
    ];
  });
  const file = join(place(), "coverage-final.json");
  writeFileSync(file, JSON.stringify(Object.fromEntries(files)));
  return readCoverage(place(), file);
}
const rowOf = (counts: Record<string, number[][]>, room: string) =>
  report(counts).find((row) => row.room === room);

function said(rows: ReturnType<typeof report>) {
  const lines: string[] = [];
  const counts = judgeCoverage(rows, (line: string) => lines.push(line));
  return { counts, text: lines.join("\n") };
}

describe("readCoverage()", () => {
  test("counts the arms of a room's branches, and says where those stand that nothing took", () => {
    expect(
      rowOf(
        {
          "host/irc/a.ts": [
            [1, 3],
            [0, 2],
          ],
          "host/irc/b.ts": [[4, 0]],
        },
        "host/irc",
      ),
    ).toEqual({
      ...{ room: "host/irc", taken: 4, all: 6, percent: (100 * 4) / 6 },
      missed: ["host/irc/a.ts:2:3 never true", "host/irc/b.ts:1:3 never false"],
    });
  });

  test("keeps rooms apart whose names begin alike", () => {
    const counts = { "host/irc/a.ts": [[1, 1]], "host/irc-iot/a.ts": [[0, 0]] };
    expect(rowOf(counts, "host/irc")).toMatchObject({ percent: 100 });
    expect(rowOf(counts, "host/irc-iot")).toMatchObject({ percent: 0 });
  });

  test("a room that was not measured is 0 %", () => {
    expect(rowOf({ "host/irc/a.ts": [[1, 1]] }, "shared")).toMatchObject({ all: 0, percent: 0 });
  });
});

describe("judgeCoverage()", () => {
  const row = (percent: number, missed: string[] = []) => ({
    room: "host/x",
    taken: 1,
    all: 1,
    percent,
    missed,
  });

  test("passes a room from 95 % on, without the places it has left", () => {
    const { counts, text } = said([row(95, ["host/x/a.ts:1:1"])]);
    expect(counts).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(text).toMatch(/✓ host\/x +95\.00 %/);
    expect(text).not.toContain("a.ts");
  });

  test("fails a room below, names each place, and rounds nothing up", () => {
    const { counts, text } = said([row(100), row(94.999, ["host/x/a.ts:1:1", "host/x/b.ts:2:3"])]);
    expect(counts).toEqual({ passed: 1, failed: 1, skipped: 0 });
    expect(text).toMatch(/✗ host\/x +94\.99 %/);
    expect(text).toMatch(/no test takes:\n {2}host\/x\/a\.ts:1:1\n {2}host\/x\/b\.ts:2:3$/);
  });
});

test("every room that is measured has sources", () => {
  const empty = rooms.filter((room) => globSync(root, [room], /(?<!\.test)\.ts$/).length === 0);
  expect(empty).toEqual([]);
});
