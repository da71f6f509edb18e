import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FlashStorage } from "./storage.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");
const text = (storage: FlashStorage, name: string) =>
  Buffer.from(storage.read(name) ?? []).toString("latin1");

test("a file written in parts has ff where nothing was written yet", () => {
  const storage = new FlashStorage();
  storage.write("a", bytes("he"), 0, 5);
  expect(text(storage, "a")).toBe("he\xff\xff\xff");
  storage.write("a", bytes("llo"), 2);
  expect(text(storage, "a")).toBe("hello");
});

test.each([
  ["other bytes over written ones", "x", 2, "File already written with different data"],
  ["past the file's size", "xyz", 4, "Too much data for file size"],
])("write() refuses %s", (_, data, offset, message) => {
  const storage = new FlashStorage();
  storage.write("a", bytes("hell"), 0, 5);
  expect(() => storage.write("a", bytes(data), offset)).toThrow(message);
  storage.write("a", bytes("l"), 2); // the same again is fine
});

test("write() refuses an offset into a missing file, and an empty file", () => {
  const storage = new FlashStorage();
  expect(() => storage.write("a", bytes("x"), 8)).toThrow("Unable to find or create file");
  expect(() => storage.write("a", bytes(""))).toThrow("Can't create zero length file");
});

test("names are cut at 28 characters", () => {
  const storage = new FlashStorage();
  storage.write("x".repeat(40), bytes("1"));
  expect(text(storage, "x".repeat(28))).toBe("1");
});

test("a folder keeps the files for the next one", () => {
  const folder = mkdtempSync(join(tmpdir(), "bowline-flash-"));
  try {
    const storage = new FlashStorage(folder);
    storage.write(".boot/cde", bytes("\x00\xff"));
    storage.write("gone", bytes("x"));
    storage.erase("gone");
    const next = new FlashStorage(folder);
    expect(text(next, ".boot/cde")).toBe("\x00\xff");
    expect(next.read("gone")).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
