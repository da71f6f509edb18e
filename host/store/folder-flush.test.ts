import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderForEach } from "../testing/folders.ts";
import { FolderFlush } from "./folder-flush.ts";

const data = folderForEach("folder-flush");

function counted() {
  const folder = join(data(), "store");
  mkdirSync(folder);
  let flushes = 0;
  const entries = new FolderFlush(folder, async () => void flushes++);
  const write = (name: string) => writeFileSync(join(folder, name), "");
  return { folder, write, flush: () => entries.flush(), count: () => flushes };
}

test("a folder is flushed once before the first commit, and once for each new log", async () => {
  const { write, flush, count } = counted();
  write("CURRENT");
  write("000003.log");
  for (let i = 0; i < 5; i++) await flush();
  expect(count()).toBe(1);
  for (const [i, name] of ["000009.log", "000010.log", "1000000.log"].entries()) {
    write(name);
    for (let j = 0; j < 5; j++) await flush();
    expect(count(), name).toBe(i + 2);
  }
});

test("a log that came at the very time of the one before is seen", async () => {
  const { folder, write, flush, count } = counted();
  const at = 1_000_000;
  for (const [i, name] of ["000003.log", "000004.log", "000005.log"].entries()) {
    write(name);
    utimesSync(folder, at, at);
    await flush();
    expect(count(), name).toBe(i + 1);
  }
});

test("tables that come and logs that go cost no flush", async () => {
  const { folder, write, flush, count } = counted();
  write("000003.log");
  write("000005.log");
  await flush();
  for (const name of ["000006.ldb", "000007.ldb"]) {
    write(name);
    await flush();
  }
  rmSync(join(folder, "000003.log"));
  await flush();
  expect(count()).toBe(1);
});

test("a log whose flush failed is flushed by the next commit", async () => {
  const folder = join(data(), "store");
  mkdirSync(folder);
  writeFileSync(join(folder, "000003.log"), "");
  const said: string[] = [];
  const entries = new FolderFlush(folder, async () => {
    said.push("asked");
    if (said.length === 1) throw new Error("EIO");
  });
  await expect(entries.flush()).rejects.toThrow("EIO");
  await entries.flush();
  await entries.flush();
  expect(said).toHaveLength(2);
});
