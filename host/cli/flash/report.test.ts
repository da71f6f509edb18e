import { beforeEach, expect, test } from "vitest";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { FakeTerminal } from "../testing/fake-terminal.ts";
import { Report } from "./report.ts";

let terminal: FakeTerminal;
let time: number;

beforeEach(() => {
  terminal = new FakeTerminal();
  time = 0;
});

function reportOf(isJson: boolean): Report {
  const report = new Report(terminal, isJson, () => time);
  report.steps = 6;
  return report;
}

test("a step is one line, what it came to behind dots, all lines alike", () => {
  const report = reportOf(false);
  report.begin("connect");
  report.end("Espruino 2v29 PICO_R1_3");
  report.begin("upload", "19.1 KB");
  report.end("100 % (3.1 s)");
  expect(terminal.printed).toEqual([
    "[1/6] connect .................. Espruino 2v29 PICO_R1_3",
    "[2/6] upload 19.1 KB ........... 100 % (3.1 s)",
  ]);
  expect(terminal.warned).toEqual([]);
});

test("while it lasts a bar grows, with the time that is left; all of it fits into 80 columns", () => {
  const report = reportOf(false);
  report.begin("upload", "19.1 KB");
  for (const [at, done] of [
    [500, 10],
    [2000, 25],
    [4000, 100],
  ]) {
    time = at;
    report.progress(done, 100);
  }
  expect(terminal.progressed).toEqual([
    "[1/6] upload 19.1 KB ...........",
    "[1/6] upload 19.1 KB ........... [##------------------]  10 %",
    "[1/6] upload 19.1 KB ........... [#####---------------]  25 %  6 s left",
    "[1/6] upload 19.1 KB ........... [####################] 100 %",
  ]);
  expect(Math.max(...terminal.progressed.map(({ length }) => length))).toBeLessThanOrEqual(79);
});

test("what a board says moves no cursor", () => {
  const report = reportOf(false);
  report.begin("connect");
  report.end("\x1b[2J");
  report.note("\x07");
  expect([...terminal.printed, ...terminal.warned].join("")).not.toMatch(/\p{Cc}/u);
});

test("--json: one object a line, progress in tenths, times in ms, and nothing on stderr", () => {
  const report = reportOf(true);
  report.begin("upload", "1 KB");
  for (let done = 0; done <= 1000; done++) report.progress(done, 1000);
  time = 1234.5;
  report.end("100 %", { crc: "0badcafe" });
  report.note("a note");
  report.warning("careful", "do this");
  report.result({ result: "flashed" }, ["done."]);
  const lines = terminal.printed.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines[0]).toEqual({ step: "upload", state: "begun", number: 1, of: 6 });
  expect(lines.filter(({ state }) => state === "progress").map(({ done }) => done)).toEqual([
    100, 200, 300, 400, 500, 600, 700, 800, 900, 1000,
  ]);
  expect(lines.slice(-4)).toEqual([
    { step: "upload", state: "done", ms: 1235, outcome: "100 %", crc: "0badcafe" },
    { note: "a note" },
    { warning: "careful", mend: "do this" },
    { result: "flashed" },
  ]);
  expect(terminal.warned).toEqual([]);
});

test("a failure is the last object, with its code, its exit code and what mends it", () => {
  const report = reportOf(true);
  report.begin("connect");
  report.failure(
    new BowlineError("FLASH_NO_PROMPT", "get the prompt: nothing came", ExitCode.timeout, "reset it"),
  );
  expect(JSON.parse(terminal.printed.at(-1) ?? "")).toEqual({
    result: "failed",
    step: "connect",
    code: "FLASH_NO_PROMPT",
    message: "get the prompt: nothing came",
    exitCode: 6,
    mend: "reset it",
  });
  const people = reportOf(false);
  people.failure(new BowlineError("X", "y"));
  expect(terminal.warned).toEqual([]); // the error itself is printed where it ends
});
