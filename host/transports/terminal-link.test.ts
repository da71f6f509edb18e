import { lstatSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderForEach } from "../testing/folders.ts";
import { makeSocket } from "../testing/special-files.ts";
import { putLink, removeLink } from "./terminal-link.ts";

const folder = folderForEach("terminal-link");
const link = () => join(folder(), "board");

test("leads to one terminal after the other, until it is removed; removed twice is harmless", async () => {
  for (const terminal of ["/dev/pts/7", "/dev/pts/8"]) {
    await putLink(link(), terminal);
    expect(readlinkSync(link())).toBe(terminal);
  }
  expect(readdirSync(folder())).toEqual(["board"]);
  removeLink(link());
  removeLink(link());
  expect(readdirSync(folder())).toEqual([]);
});

test.each<[string, (path: string) => void]>([
  ["a socket, as any device", makeSocket],
  ["a file", (path) => writeFileSync(path, "mine")],
  ["a link to a file", (path) => symlinkSync("/etc/hostname", path)],
])("%s stays, whoever links there or has linked", async (_, make) => {
  make(link());
  const { ino } = lstatSync(link());
  await expect(putLink(link(), "/dev/pts/7")).rejects.toMatchObject({ code: "PATH_TAKEN", exitCode: 5 });
  removeLink(link());
  expect(lstatSync(link()).ino).toBe(ino);
  expect(readdirSync(folder())).toEqual(["board"]);
});

test("what stands beside it under the name for the change stays as well", async () => {
  const next = `${link()}.${process.pid}`;
  writeFileSync(next, "mine");
  await expect(putLink(link(), "/dev/pts/7")).rejects.toMatchObject({ code: "PATH_TAKEN" });
  expect(readFileSync(next, "utf8")).toBe("mine");
});
