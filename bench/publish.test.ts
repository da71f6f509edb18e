/** What is put into the documents, and that docs/ is what its kept numbers make. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anchorOf, headingOf, rewritten } from "./document.ts";
import { type KeptReport, readKept } from "./kept.ts";
import { chartsOf, publish } from "./publish.ts";
import { root } from "./root.ts";
import { atLeast, atMost } from "./verdict.ts";

const names = ["P1", "P2", "P9"];
const on = { day: "2026-01-31", node: "20.0.0", cpu: "a CPU", cores: 2, load: 0.1 };
const report = (row: string, rest: Partial<KeptReport> = {}): KeptReport => ({
  ...{ row, title: row, notes: [], versions: [], groups: [], facts: [], verdicts: [], on },
  ...rest,
});
const empty = ["goals", "curves", "figures", "circumstances"]
  .map((name) => `Before ${name}.\n<!-- ${name}: generated -->\n<!-- ${name}: end -->\n`)
  .join("");
const spread = { median: 100.123456, min: 99, max: 101 };

describe("published into a folder", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bench-publish-"));
    writeFileSync(join(folder, "performance.md"), empty);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const document = () => readFileSync(join(folder, "performance.md"), "utf8");

  test("a goal is a line: figure to reach and to aim at, measured, spread, met or where the reason is", () => {
    const verdicts = [
      atLeast("a / b", { median: 3, min: 2, max: 4 }, 2.5, { aim: 5 }),
      atMost("64 KiB: c / d", 3, 2, "ms"),
    ];
    publish(folder, [report("P1", { verdicts }), report("P2", { skipped: "no peer" })], names);
    expect(document()).toContain("| P1 | a / b | at least 2.5 (5) × | 3 × | 2 – 4 | met |");
    expect(document()).toContain(
      "| P1 | 64 KiB: c / d | at most 2 ms | 3 ms |  | [not met](#p1-64-kib-c--d) |",
    );
    expect(document()).toContain("| P2 | skipped: no peer |");
    expect(document()).toContain("Before figures.");
  });

  test("rows that were not measured anew stay; all stand in the order of the rows", () => {
    publish(folder, [report("P9"), report("P1", { title: "old" })], names);
    publish(folder, [report("P2"), report("P1", { title: "new" })], names);
    expect(readKept(join(folder, "bench.json")).map(({ row, title }) => `${row} ${title}`)).toEqual([
      ...["P1 new", "P2 P2", "P9 P9"],
    ]);
  });

  test("a curve is a chart, and those of curves that are no more go", () => {
    const curve = (name: string) => ({
      ...{ name, title: name, axis: "things", deviation: spread },
      points: [1, 10].map((size) => ({ size, ns: spread })),
    });
    publish(folder, [report("P9", { curves: [curve("old")] })], names);
    publish(folder, [report("P9", { curves: [curve("Queue"), curve("session")] })], names);
    expect(readdirSync(join(folder, "charts")).sort()).toEqual(["p9-queue.svg", "p9-session.svg"]);
    expect([...chartsOf(readKept(join(folder, "bench.json"))).keys()]).toEqual([
      "p9-queue.svg",
      "p9-session.svg",
    ]);
    expect(document()).toContain("![Queue, by things](charts/p9-queue.svg)");
  });

  test("published again with nothing new, all is as it was", () => {
    const figures = [{ what: "a packet", unit: "B", ...spread }];
    publish(folder, [report("P9", { figures })], names);
    const before = [document(), readFileSync(join(folder, "bench.json"), "utf8")];
    expect(before[0]).toContain("| a packet | 100 B | 99 – 101 |");
    publish(folder, [], names);
    expect([document(), readFileSync(join(folder, "bench.json"), "utf8")]).toEqual(before);
  });

  test("a document without a marker is refused", () => {
    writeFileSync(join(folder, "performance.md"), empty.replace("<!-- figures: end -->", ""));
    expect(() => publish(folder, [], names)).toThrow("figures: generated");
  });
});

test("a section's heading is row and goal, its anchor as GitHub makes it", () => {
  expect(anchorOf(headingOf("P2", atLeast("64 KiB: session / raw TCP in slabs", 1, 1)))).toBe(
    "p2-64-kib-session--raw-tcp-in-slabs",
  );
  expect(anchorOf("P10: kept, 1 at once: store / classic-level alone")).toBe(
    "p10-kept-1-at-once-store--classic-level-alone",
  );
});

describe("docs/performance.md", () => {
  const text = readFileSync(join(root, "docs/performance.md"), "utf8");
  const kept = readKept(join(root, "docs/bench.json"));

  test("its tables are what the kept numbers make", () => {
    expect(rewritten(text, kept)).toBe(text);
  });

  test("its charts are, too, and each is shown", () => {
    const charts = chartsOf(kept);
    expect(readdirSync(join(root, "docs/charts")).sort()).toEqual([...charts.keys()].sort());
    for (const [name, svg] of charts) {
      expect(readFileSync(join(root, "docs/charts", name), "utf8")).toBe(svg);
      expect(text).toContain(`(charts/${name})`);
    }
  });

  test("all goals were measured", () => {
    expect(kept.map(({ row }) => row)).toEqual(
      expect.arrayContaining(Array.from({ length: 12 }, (_, i) => `P${i + 1}`)),
    );
  });

  test("each goal that is not met has a section with the profile and the reason", () => {
    const headings = new Set(text.match(/(?<=^#+ ).*$/gm));
    const missing = kept.flatMap(({ row, verdicts }) =>
      verdicts.filter(({ isMet }) => !isMet).map((verdict) => headingOf(row, verdict)),
    );
    expect(missing.filter((heading) => !headings.has(heading))).toEqual([]);
  });
});
