/** Every sentence that MoniQue requires, and each trap of its programs, has its row in ARCHITECTURE.md, and each test that the row names is there and runs. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

const numbers = [
  ...["LAY1", "LAY2", "LAY3", "LAY4", "LAY5"],
  ...["COM1", "COM2 A", "COM2 B", "COM3", "TEC1", "TEC2"],
  ...["MON1", "MON2", "MON3", "MON4"],
  ...["KILL1", "KILL2", "KILL3 com", "KILL3 tech", "KILL4"],
  ...Array.from({ length: 10 }, (_, i) => `TRAP${i + 1}`),
];

interface Row {
  no: string;
  required: string;
  tests: { file: string; title: string }[];
}

function readRows(): Row[] {
  const text = readFileSync(`${root}ARCHITECTURE.md`, "utf8");
  const chapter = text.split("### What MoniQue requires")[1].split(/^##/m)[0];
  const rows = chapter.split("\n").filter((line) => /^\| [A-Z]+\d/.test(line));
  return rows.map((line) => {
    const [no, required, tests] = line.slice("| ".length, -" |".length).split(" | ");
    return { no, required, tests: readTests(tests) };
  });
}

function readTests(cell: string): Row["tests"] {
  const found = cell.split(/; (?=`)/).map((one) => /^`([^`]+)` "(.+)"$/.exec(one));
  return found.map((match) => ({ file: match?.[1] ?? `none in ${cell}`, title: match?.[2] ?? "" }));
}

const rows = readRows();

test("every requirement has one row, and no row is another's", () => {
  expect(rows.map(({ no }) => no)).toEqual(numbers);
  for (const { required } of rows) expect(required.length).toBeGreaterThan(20);
});

test.each(rows)("$no is held by tests that are there", ({ tests }) => {
  expect(tests.length).toBeGreaterThan(0);
  for (const { file, title } of tests) {
    expect(existsSync(`${root}${file}`), `${file} is there`).toBe(true);
    expect(titlesOf(file)).toContain(title);
  }
});

/** Of the tests of a file that always run, or where what they need is installed. */
function titlesOf(file: string): string[] {
  const text = readFileSync(`${root}${file}`, "utf8");
  // test("…", test.each([…])("…", test.skipIf(…)(\n "…"
  const calls = text.matchAll(
    /^\s*(?:test(?:\.each<[^>]*>|\.each|\.skipIf|\.for)?\(|.*\)\()\s*(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/gm,
  );
  return [...calls].map((call) => (call[1] ?? call[2]).replaceAll("\\", ""));
}
