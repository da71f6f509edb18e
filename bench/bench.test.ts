/** The harness: its arithmetic, and that every row runs, with counts too small to say anything. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lintBundle } from "../device/lint.mjs";
import { bundleClient } from "./board/bundles.ts";
import { cut, jsonMessage } from "./chunks.ts";
import { linkDecode } from "./link-decode.ts";
import { formatReport, formatSummary, short } from "./report.ts";
import { root } from "./root.ts";
import type { Effort } from "./runner.ts";
import { startHere } from "./runner.ts";
import { sessionDecode } from "./session-decode.ts";
import { packetStream } from "./session-work.ts";
import { median, ratioOf, spreadOf } from "./statistics.ts";
import { busyIn, mainThreadTasks } from "./trace.ts";
import { atLeast, atMost, below } from "./verdict.ts";
import { runCycles } from "./workload.ts";

const tiny: Effort = { rounds: 2, warmUpMs: 0, roundMs: 0, allocationCycles: 1, allocationProcesses: 1 };

describe("arithmetic", () => {
  test("median() is the middle value, or the mean of the two in the middle", () => {
    expect(median([9, 1, 10])).toBe(9);
    expect(median([4, 1, 2, 100])).toBe(3);
    expect(() => median([])).toThrow(RangeError);
  });

  test("spreadOf() keeps the ends", () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  });

  test("ratioOf() compares round with round, not median with median", () => {
    expect(ratioOf([10, 200, 30], [1, 100, 10])).toEqual({ median: 3, min: 2, max: 10 });
    expect(() => ratioOf([1], [1, 2])).toThrow(RangeError);
  });

  test("a goal is met at its bound, except below it", () => {
    expect(atLeast("a", 3, 3).isMet).toBe(true);
    expect(atLeast("a", { median: 2.9, min: 2, max: 4 }, 3)).toMatchObject({
      isMet: false,
      value: 2.9,
      max: 4,
    });
    expect(atMost("a", 3, 3).isMet).toBe(true);
    expect(below("a", 1, 1, "B").isMet).toBe(false);
  });

  test("short() writes three digits, and whole numbers above", () => {
    expect([0, 0.01234, 1.234, 12.34, 123.4, 45678].map(short)).toEqual([
      "0",
      "0.0123",
      "1.23",
      "12.3",
      "123",
      "45678",
    ]);
  });
});

describe("a trace of the browser", () => {
  const main = (pid: number) => ({
    name: "thread_name",
    pid,
    tid: 1,
    ts: 0,
    args: { name: "CrRendererMain" },
  });
  const task = (pid: number, tid: number, ts: number, tdur: number) => ({
    ...{ name: "RunTask", pid, tid, ts, tdur, dur: 9 * tdur },
  });
  const traceOf = (...traceEvents: object[]) => JSON.stringify({ traceEvents });

  test("mainThreadTasks() are those of the page that worked, in order, and what they ran, not what they waited", () => {
    const spare = [main(7), task(7, 1, 0, 100)];
    const page = [main(8), task(8, 1, 9000, 2500), task(8, 2, 0, 9999), task(8, 1, 4000, 1000)];
    const other = [task(9, 1, 0, 99_999), { ...task(8, 1, 0, 9999), name: "Layout" }];
    expect(mainThreadTasks(traceOf(...spare, ...page, ...other))).toEqual([
      { start: 4, ms: 1 },
      { start: 9, ms: 2.5 },
    ]);
    expect(() => mainThreadTasks(traceOf(main(7)))).toThrow("no task");
  });

  test("busyIn() counts from the first task on, also the pieces in which nothing ran", () => {
    const tasks = [
      { start: 50, ms: 1 },
      { start: 149, ms: 2 },
      { start: 350, ms: 4 },
      { start: 550, ms: 8 },
    ];
    expect(busyIn(tasks, 100, 5)).toEqual([3, 0, 0, 4, 0]);
  });
});

describe("input", () => {
  test("cut() gives whole chunks, filled up only when told with what", () => {
    expect(cut(new Uint8Array([1, 2, 3]), 2, 9).map((chunk) => [...chunk])).toEqual([
      [1, 2],
      [3, 9],
    ]);
    expect(() => cut(new Uint8Array(3), 2)).toThrow(RangeError);
  });

  test("jsonMessage() is JSON of the size asked for", () => {
    const message = jsonMessage(1001, 100);
    expect(message.length).toBe(100);
    expect(JSON.parse(message.toString())).toMatchObject({ ot: "l:bench", v: 1001 });
  });

  test("packetStream() puts its size before each packet", () => {
    expect([...packetStream([new Uint8Array([7, 8]), new Uint8Array([9])])]).toEqual([2, 7, 8, 1, 9]);
  });
});

test("a workload that loses messages is an error", async () => {
  const workload = { messages: 2, cycle() {}, delivered: () => 0 };
  await expect(runCycles(workload, 3)).rejects.toThrow("0 messages came out of 6");
});

describe.each([sessionDecode, linkDecode])("$name", (row) => {
  test("runs, and says of every goal whether it was met", async () => {
    const report = await row.run(tiny, startHere);
    expect(report.groups.flatMap(({ measurements }) => measurements)).toHaveLength(row.contenders.length);
    for (const { value } of report.verdicts) expect(value).toBeGreaterThanOrEqual(0);
    expect(formatReport(report)).toContain(row.title);
    expect(formatSummary([report])).toMatch(/\d of \d met/);
  });
});

test.each(["link-client", "session-client"] as const)("%s fits the board's dialect", async (name) => {
  expect(lintBundle(await bundleClient(name))).toEqual([]);
});

describe("as a program", () => {
  /** Where `root` finds the project as it does from dist/bench.mjs. */
  const folder = join(root, "dist");
  const name = `bench-test-${process.pid}`;
  // Rows whose peers are processes run only so; P9 and P11 with --docs, below.
  const programRows = ["P2", "P3", "P4", "P6", "P8", "P10", "P12", "W1", "H1", "V1"];
  const bench = (...args: string[]) =>
    execFileSync(process.execPath, [join(folder, `${name}.mjs`), ...args], {
      encoding: "utf8",
      env: { ...process.env, ESPRUINO_BIN: "" },
    });

  beforeAll(() => {
    buildSync({
      absWorkingDir: root,
      entryPoints: { [name]: "bench/main.ts" },
      outdir: folder,
      outExtension: { ".js": ".mjs" },
      chunkNames: `${name}-[hash]`,
      splitting: true,
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
    });
  });
  afterAll(async () => {
    for (const file of await readdir(folder)) if (file.startsWith(name)) await rm(join(folder, file));
  });

  /** Each of the rows ran, and says of every goal whether it was met. */
  function expectReports(said: string, names: string[]): void {
    const { reports } = JSON.parse(said);
    expect(reports.map(({ row }: { row: string }) => row)).toEqual(names);
    for (const { verdicts, skipped } of reports) {
      expect(verdicts.length > 0 || skipped !== undefined).toBe(true);
      for (const { value } of verdicts) expect(value).toBeGreaterThan(0);
    }
  }

  test.each(programRows)("%s runs, and says of every goal whether it was met", (name) => {
    expectReports(bench(name, "--quick", "--json"), [name]);
  });

  test("P9 and P11 run; --docs keeps what was measured and draws it; --redraw makes the same again of what is kept", () => {
    const docs = mkdtempSync(join(tmpdir(), "bench-docs-"));
    const document = join(docs, "performance.md");
    const parts = ["goals", "curves", "figures", "circumstances"];
    writeFileSync(
      document,
      parts.map((part) => `<!-- ${part}: generated -->\n<!-- ${part}: end -->\n`).join(""),
    );
    expectReports(bench("P9", "P11", "--quick", "--json", "--docs", docs), ["P9", "P11"]);
    const text = readFileSync(document, "utf8");
    expect(text).toContain("| P9 | packets through a peer's queue: off the median | at most 20 % |");
    expect(text).toContain("| P11 | lines filled with telemetry | at least 85 % |");
    expect(readdirSync(join(docs, "charts"))).toContain("p9-queue.svg");
    writeFileSync(document, text.replace("| P9 |", "| edited |"));
    bench("--redraw", docs);
    expect(readFileSync(document, "utf8")).toBe(text);
    rmSync(docs, { recursive: true });
  });

  test("--profile says of each process where its time went", () => {
    const folder = mkdtempSync(join(tmpdir(), "bench-profile-"));
    expect(bench("P2", "--quick", "--profile", folder)).toMatch(
      /^P2-session-64k\n {2}busy \d+ ms, idle \d+ ms\n/m,
    );
    rmSync(folder, { recursive: true });
  });

  test("without an interpreter P7 is skipped and says why; an unknown row is refused", () => {
    const { reports } = JSON.parse(bench("P7", "--json"));
    expect(reports).toMatchObject([
      { row: "P7", skipped: expect.stringContaining("ESPRUINO_BIN"), verdicts: [] },
    ]);
    expect(() => bench("P99")).toThrow("no row P99");
  });
});
