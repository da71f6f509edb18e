import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FlashMemory, PowerCut } from "./flash-memory.ts";
import { FlashStorage } from "./storage.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");
const text = (storage: FlashStorage, name: string) =>
  Buffer.from(storage.read(name) ?? []).toString("latin1");
/** 4 pages of 256 bytes. */
const small = { pageBytes: 256, pages: 4 };

function storageOf(geometry = small): FlashStorage {
  return new FlashStorage(new FlashMemory(geometry));
}

function raw(storage: FlashStorage, address: number, length: number): string {
  return Buffer.from(storage.memory.read(address, length)).toString("hex");
}

test("a file is its size, its name padded to 28 bytes, its content, and ff up to the next word", () => {
  const storage = storageOf();
  storage.write("ab", bytes("hello"));
  expect(raw(storage, 0, 44)).toBe(
    [
      "05000000", // size
      "6162", // name
      "00".repeat(26),
      "68656c6c6f", // content
      "ffffff", // padding
      "ffffffff", // where the next header will be
    ].join(""),
  );
});

test("a file written in parts has ff where nothing was written yet", () => {
  const storage = storageOf();
  storage.write("a", bytes("he"), 0, 5);
  expect(text(storage, "a")).toBe("he\xff\xff\xff");
  storage.write("a", bytes("llo"), 2);
  expect(text(storage, "a")).toBe("hello");
});

test.each([
  ["other bytes over written ones", "x", 2, "File already written with different data"],
  ["the same bytes over written ones", "l", 2, "File already written with different data"],
  ["past the file's size", "xyz", 4, "Too much data for file size"],
])("write() refuses %s", (_, data, offset, message) => {
  const storage = storageOf();
  storage.write("a", bytes("hell"), 0, 5);
  expect(() => storage.write("a", bytes(data), offset)).toThrow(message);
  expect(text(storage, "a")).toBe("hell\xff");
});

test("write() refuses an offset into a missing file, and an empty file", () => {
  const storage = storageOf();
  expect(() => storage.write("a", bytes("x"), 8)).toThrow("Unable to find or create file");
  expect(() => storage.write("a", bytes("x"), 8, 20)).toThrow("Unable to find or create file");
  expect(() => storage.write("a", bytes(""))).toThrow("Can't create zero length file");
});

test("write() of no data and a size makes a file of ff, and writing its beginning then fills it", () => {
  const storage = storageOf();
  storage.write("z", bytes(""), 0, 4);
  expect(text(storage, "z")).toBe("\xff\xff\xff\xff");
  storage.write("z", bytes("ab"), 0, 4);
  expect(text(storage, "z")).toBe("ab\xff\xff");
  expect(storage.stats()).toMatchObject({ fileCount: 1, trashCount: 0 });
});

test("the same file again changes nothing; another one of the same name makes trash of it", () => {
  const storage = storageOf();
  storage.write("a", bytes("one"));
  const { operations } = storage.memory;
  storage.write("a", bytes("one"));
  expect(storage.memory.operations).toBe(operations);
  storage.write("a", bytes("two!"));
  expect(text(storage, "a")).toBe("two!");
  expect(storage.stats()).toEqual({
    ...{ totalBytes: 1024, freeBytes: 1024 - 72 },
    ...{ fileBytes: 36, fileCount: 1, trashBytes: 36, trashCount: 1 },
  });
});

test("names are cut at 28 characters", () => {
  const storage = storageOf();
  storage.write("x".repeat(40), bytes("1"));
  expect(text(storage, "x".repeat(28))).toBe("1");
  expect(storage.list()).toEqual(["x".repeat(28)]);
});

test("erase() makes trash, list() follows the places", () => {
  const storage = storageOf();
  for (const name of ["a", "b", "c"]) storage.write(name, bytes(name));
  expect([storage.erase("b"), storage.erase("b")]).toEqual([true, false]);
  expect(storage.list()).toEqual(["a", "c"]);
});

test("when there is no room, files move to the front, and trash is gone", () => {
  const printed: string[] = [];
  const storage = new FlashStorage(new FlashMemory(small), () => printed.push("Compacting"));
  storage.write("keep", bytes("k".repeat(300)));
  storage.write("old", bytes("o".repeat(300)));
  storage.write("tail", bytes("t".repeat(200)));
  storage.erase("old");
  expect(printed).toEqual([]);
  storage.write("new", bytes("n".repeat(280)));
  expect(printed).toEqual(["Compacting"]);
  expect(storage.list()).toEqual(["keep", "tail", "new"]);
  expect(["keep", "tail", "new"].map((name) => text(storage, name))).toEqual([
    ...["k".repeat(300), "t".repeat(200), "n".repeat(280)],
  ]);
  expect(storage.stats()).toMatchObject({ trashBytes: 0, freeBytes: 1024 - 332 - 232 - 312 });
});

test("what is larger than all there could be is refused without compaction", () => {
  const storage = storageOf();
  storage.write("old", bytes("o".repeat(300)));
  storage.erase("old");
  const { operations } = storage.memory;
  expect(() => storage.write("big", bytes("b".repeat(1000)))).toThrow("Unable to find or create file");
  expect(storage.memory.operations).toBe(operations);
});

/** What is left of overwriting "a" = one by "three" when the power fails after so many operations. */
function cutWhileOverwriting(operations: number): { storage: FlashStorage; wasTold: boolean } {
  const storage = storageOf();
  storage.write("a", bytes("one"));
  let wasTold = false;
  storage.memory.cutPowerAfter(operations, () => {
    wasTold = true;
  });
  expect(() => storage.write("a", bytes("three"))).toThrow(PowerCut);
  expect(() => storage.eraseAll()).toThrow(PowerCut); // nothing happens without power
  storage.memory.restorePower();
  return { storage, wasTold };
}

test.each([
  [0, "nothing has happened", ["a"], "one"],
  [1, "the old name is erased, and nothing is there", [], undefined],
  [2, "a header without a name yet", ["\xff".repeat(28)], undefined],
  [9, "the new header, with no content", ["a"], "\xff\xff\xff\xff\xff"],
  [10, "half of the content, ff behind it", ["a"], "thre\xff"],
])("a power cut after %i operations of an overwriting leaves: %s", (operations, _, names, content) => {
  const { storage, wasTold } = cutWhileOverwriting(operations);
  expect(wasTold).toBe(true);
  expect(storage.list()).toEqual(names);
  expect(content === undefined ? storage.read("a") : text(storage, "a")).toBe(content);
});

test("a folder's file keeps the flash for the next one, a cut write too", () => {
  const folder = mkdtempSync(join(tmpdir(), "bowline-flash-"));
  try {
    const path = join(folder, "flash.bin");
    const storage = new FlashStorage(new FlashMemory(small, path));
    storage.write(".boot/cde", bytes("\x00\xff"));
    storage.write("gone", bytes("x"));
    storage.erase("gone");
    storage.memory.cutPowerAfter(9, () => {});
    expect(() => storage.write("half", bytes("12345678"))).toThrow(PowerCut);
    const next = new FlashStorage(new FlashMemory(small, path));
    expect(text(next, ".boot/cde")).toBe("\x00\xff");
    expect(next.read("gone")).toBeUndefined();
    expect(text(next, "half")).toBe("1234\xff\xff\xff\xff");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a flash refuses what no flash can do", () => {
  const memory = new FlashMemory(small);
  memory.write(0, Uint8Array.of(0x0f, 0xff, 0xff, 0xff));
  memory.write(0, Uint8Array.of(0xf1, 0xff, 0xff, 0xff)); // bits go from 1 to 0 only
  expect(memory.read(0, 1)[0]).toBe(0x01);
  memory.erasePage(0);
  expect(memory.isErased(0, 256)).toBe(true);
  expect(() => memory.write(2, new Uint8Array(4))).toThrow("whole words of 4 bytes only");
  expect(() => memory.write(0, new Uint8Array(5))).toThrow("whole words of 4 bytes only");
  expect(() => memory.read(1020, 8)).toThrow("read 8 bytes at 1020: the flash has 1024");
});
