import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sourceHash } from "./source-hash.mjs";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bowline-sources-"));
  for (const file of ["package.json", "package-lock.json", "tsconfig.json"])
    writeFileSync(join(root, file), "{}");
  mkdirSync(join(root, "shared/link"), { recursive: true });
  writeFileSync(join(root, "shared/link/slip.ts"), "export const END = 192;");
});

afterEach(() => rmSync(root, { recursive: true }));

test("sourceHash() changes with a source, in a folder below a room too", () => {
  const before = sourceHash(root);
  writeFileSync(join(root, "shared/link/slip.ts"), "export const END = 193;");
  expect(sourceHash(root)).not.toBe(before);
});

test("sourceHash() changes when a source appears, even an empty one", () => {
  const before = sourceHash(root);
  writeFileSync(join(root, "shared/link/crc.ts"), "");
  expect(sourceHash(root)).not.toBe(before);
});

test("sourceHash() stays when only a file's time changes", () => {
  const before = sourceHash(root);
  utimesSync(join(root, "shared/link/slip.ts"), 1, 1);
  expect(sourceHash(root)).toBe(before);
});

test("sourceHash() ignores tests, which are in no bundle", () => {
  const before = sourceHash(root);
  writeFileSync(join(root, "shared/link/slip.test.ts"), "test");
  expect(sourceHash(root)).toBe(before);
});
