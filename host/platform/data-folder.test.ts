import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeDataFolder } from "./data-folder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bowline-data-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a folder is made with those above it, for its owner only, and is taken as it is when it is there", async () => {
  const path = join(folder, "a/b/c");
  await makeDataFolder(path);
  await makeDataFolder(path);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test("a file in its place, or above it, is told", async () => {
  await writeFile(join(folder, "file"), "");
  for (const path of [join(folder, "file"), join(folder, "file/below")])
    await expect(makeDataFolder(path)).rejects.toMatchObject({ code: "DATA_FOLDER", exitCode: 2 });
});

test.runIf(process.platform === "linux")(
  "a folder that no file system makes is told, and does not hang",
  async () => {
    await expect(makeDataFolder("/proc/bowline/data")).rejects.toMatchObject({ code: "DATA_FOLDER" });
  },
);
