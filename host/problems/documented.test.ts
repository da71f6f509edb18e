/** docs/operating.md names every problem there is, and no other. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));
const page = readFileSync(fileURLToPath(new URL("../../docs/operating.md", import.meta.url)), "utf8");
const tested = readFileSync(`${here}find-problems.test.ts`, "utf8");

/** Codes in the functions that find them. */
const codes = readdirSync(here)
  .filter((file) => file.endsWith("-problems.ts"))
  .flatMap((file) => [...readFileSync(here + file, "utf8").matchAll(/code: "([A-Z_]+)"/g)])
  .map(([, code]) => code)
  .sort();

test("the table of problems in docs/operating.md is the list of those that there are", () => {
  const table = /\| problem \| is \| level \|\n[^\n]*\n((?:\|[^\n]*\n)+)/.exec(page)?.[1] ?? "";
  const named = [...table.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(20);
  expect(named.sort()).toEqual([...new Set(codes)]);
});

test("each of them is found by a test", () => {
  expect(codes.filter((code) => !tested.includes(` ${code} `))).toEqual([]);
});
