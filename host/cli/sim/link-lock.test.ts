import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockLink } from "./link-lock.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a path has one owner, whatever name it is given, until it is given back", async () => {
  symlinkSync(".", join(folder, "alias"));
  const release = await lockLink(join(folder, "sim.tty"));
  expect(release).toBeTypeOf("function");
  expect(await lockLink(join(folder, "sim.tty"))).toBeUndefined();
  expect(await lockLink(join(folder, "alias/sim.tty"))).toBeUndefined();
  const other = await lockLink(join(folder, "other.tty"));
  expect(other).toBeTypeOf("function");
  release?.();
  const again = await lockLink(join(folder, "sim.tty"));
  expect(again).toBeTypeOf("function");
  other?.();
  again?.();
});

test("the folder must be there", async () => {
  await expect(lockLink(join(folder, "missing/sim.tty"))).rejects.toMatchObject({ code: "ENOENT" });
});
