/** Every sentence of the four sources has its row in docs/requirements.md; what the row names, code and tests, is there. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { globSync } from "./glob.mjs";
import { chapterIds, notMetHeading } from "./requirement-ids.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = readFileSync(join(root, "docs/requirements.md"), "utf8");

interface Row {
  id: string;
  required: string;
  /** Files and folders, each with names that stand in it: `a/b.ts` `name`; `c/`. */
  places: string[];
  /** Tests: `file or room` "title". Proofs: proof `name`, or proof `name` "words of a part of it". */
  holders: string[];
}

const lines = page.split("\n");

/** The rows of every table under a heading of level 2. */
function rowsUnder(heading: string): Row[] {
  const start = lines.indexOf(`## ${heading}`);
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith("## "));
  const chapter = start < 0 ? [] : lines.slice(start, length < 0 ? undefined : start + 1 + length);
  const rows = chapter.filter((line) => line.startsWith("| ") && !line.startsWith("| id |"));
  return rows.map((line) => {
    const cells = line.slice("| ".length, -" |".length).split(/(?<!\\) \| /);
    if (cells.length !== 4) throw new Error(`not four cells: ${line}`);
    const [id, required, places, holders] = cells.map((cell) => cell.trim());
    return { id, required, places: places.split("; "), holders: holders.split(/; (?=`|proof `)/) };
  });
}

const folders = ["bench", "client", "component", "device", "host", "packaging", "proof", "scripts", "shared"];
const testFiles = globSync(root, folders, /\.test\.ts$/);
const proofFiles = globSync(root, ["proof"], /(?<!\.test)\.ts$/);
const sources = new Map<string, string>();
const titles = new Map<string, string[]>();

function sourceOf(file: string): string {
  let source = sources.get(file);
  if (source === undefined) {
    source = readFileSync(join(root, file), "utf8");
    sources.set(file, source);
  }
  return source;
}

/** Titles of the tests of a file as they are written, those that a table fills in among them; none of what is always skipped. */
function titlesOf(file: string): string[] {
  let found = titles.get(file);
  if (found === undefined) {
    // test("…", test.each([…])("…", test.skipIf(…)(\n "…"
    const calls = sourceOf(file).matchAll(
      /^\s*(?:test(?:\.each<[^>]*>|\.each|\.skipIf|\.for)?\(|.*\)\()\s*(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/gm,
    );
    found = [...calls].map((call) => (call[1] ?? call[2]).replaceAll("\\", ""));
    titles.set(file, found);
  }
  return found;
}

/** What is wrong with `file or room` "title", or with a proof, in words; "" when it is there, once. */
function faultOfHolder(holder: string): string {
  const [, proof, part] = /^proof `([^`]+)`(?: "(.+)")?$/.exec(holder) ?? [];
  if (proof !== undefined) {
    const isThere = proofFiles.some((file) => sourceOf(file).includes(`name: "${proof}"`));
    if (!isThere) return `there is no proof ${proof}`;
    const isPart = part === undefined || proofFiles.some((file) => sourceOf(file).includes(part));
    return isPart ? "" : `nothing in proof/ is called "${part}"`;
  }
  const [, where, title] = /^`([^`]+)` "(.+)"$/.exec(holder) ?? [];
  if (where === undefined) return `neither a test nor a proof: ${holder}`;
  const files = testFiles.filter((file) => file === where || file.startsWith(`${where.replace(/\/$/, "")}/`));
  if (files.length === 0) return `no test file at ${where}`;
  const found = files.filter((file) => titlesOf(file).includes(title));
  if (found.length === 1) return "";
  const elsewhere = testFiles.filter((file) => titlesOf(file).includes(title));
  if (found.length > 1) return `in several files, name one: ${found.join(", ")}: "${title}"`;
  return `no test in ${where} is called "${title}"; in other files: ${elsewhere.join(", ") || "neither"}`;
}

/** What is wrong with `file` `name` `name`, in words; "" when all of it is there. */
function faultOfPlace(place: string): string {
  if (!/^`[^`]+`(?: `[^`]+`)*$/.test(place)) return `not \`file\` \`name\`: ${place}`;
  const [file, ...names] = [...place.matchAll(/`([^`]+)`/g)].map((match) => match[1]);
  if (!existsSync(join(root, file))) return `${file} is not there`;
  const missing = names.filter((name) => !new RegExp(`(?<![\\w$])${name}(?![\\w$])`).test(sourceOf(file)));
  return missing.length === 0 ? "" : `${file} has no ${missing.join(", ")}`;
}

describe.each(Object.keys(chapterIds))("%s", (heading) => {
  const rows = rowsUnder(heading);

  test("each sentence has one row, in order, and no row is another's", () => {
    expect(rows.map(({ id }) => id)).toEqual(chapterIds[heading]);
    for (const { id, required } of rows) expect(required.length, id).toBeGreaterThan(12);
  });

  test.each(rows)("$id is done, and held by tests that are there", ({ places, holders, required }) => {
    const isMet = holders.join() !== "not met";
    const faults = [...places.map(faultOfPlace), ...(isMet ? holders.map(faultOfHolder) : [])];
    expect(faults.filter((fault) => fault !== "")).toEqual([]);
    for (const [, anchor] of required.matchAll(/ARCHITECTURE\.md#([\w-]+)/g))
      expect(anchorsOf("ARCHITECTURE.md")).toContain(anchor);
  });
});

test(`what is not met is listed under "${notMetHeading}", and nothing else`, () => {
  const unmet = Object.keys(chapterIds).flatMap((heading) =>
    rowsUnder(heading)
      .filter(({ holders }) => holders.join() === "not met")
      .map(({ id }) => `${heading}: ${id}`),
  );
  const listed = page
    .split(`## ${notMetHeading}\n`)[1]
    .split("\n## ")[0]
    .matchAll(/^\* \*\*(.+?)\*\*/gm);
  expect([...listed].map(([, name]) => name)).toEqual(unmet);
});

/** Headings as GitHub makes links of them. */
function anchorsOf(file: string): string[] {
  const headings = sourceOf(file).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, text]) =>
    text
      .toLowerCase()
      .replace(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
}
