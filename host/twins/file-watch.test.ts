import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileWatch } from "./file-watch.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-watch-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a file that was written anew is told of once, one that is away or the same is not", async () => {
  const path = join(folder, "config.json");
  writeFileSync(path, "{}");
  let told = 0;
  const watch = new FileWatch(path, async () => void told++);
  await watch.start();
  await watch.look();
  expect(told).toBe(0);
  unlinkSync(path);
  await watch.look();
  expect(told).toBe(0);
  writeFileSync(path, '{"deploy":{}}');
  await watch.look();
  await watch.look();
  expect(told).toBe(1);
  watch.stop();
});
