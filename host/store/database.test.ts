/** One list of rules for every database the store may stand on. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { Change, Database, Range } from "./database.ts";
import { FaultyDatabase } from "./faulty-database.ts";
import { LevelDatabase } from "./level-database.ts";
import { MemoryDatabase } from "./memory-database.ts";

const folders: string[] = [];
const opened: Database[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bowline-database-test-"));
  folders.push(folder);
  return folder;
}

const kinds: [name: string, make: () => Database][] = [
  ["in memory", () => new MemoryDatabase()],
  ["on disk", () => new LevelDatabase(newFolder())],
  ["that fails", () => new FaultyDatabase(new MemoryDatabase())],
];

const put = (key: string, text: string): Change => ({ type: "put", key, value: Buffer.from(text) });
const del = (key: string): Change => ({ type: "del", key });
const all = { gte: "\0", lt: "\uffff" };

describe.each(kinds)("a database %s", (_name, make) => {
  async function open(): Promise<Database> {
    const database = make();
    await database.open(true);
    opened.push(database);
    return database;
  }

  const texts = async (database: Database, range = all as Parameters<Database["read"]>[0]) =>
    (await database.read(range)).map(([key, value]) => `${key}=${value}`);

  test("keeps keys in order, over kinds and within a range, from either end, up to a limit", async () => {
    const database = await open();
    await database.write([put("w/b", "4"), put("g/2", "2"), put("r/x", "3"), put("g/1", "1")], true);
    expect(await texts(database)).toEqual(["g/1=1", "g/2=2", "r/x=3", "w/b=4"]);
    expect(await texts(database, { gte: "g/2", lt: "w/b" })).toEqual(["g/2=2", "r/x=3"]);
    expect(await texts(database, { ...all, limit: 3 })).toEqual(["g/1=1", "g/2=2", "r/x=3"]);
    expect(await texts(database, { ...all, limit: 3, reverse: true })).toEqual(["w/b=4", "r/x=3", "g/2=2"]);
    expect(await database.keys({ gte: "g/", lt: "g0", limit: 1, reverse: true })).toEqual(["g/2"]);
    expect(await texts(database, { gte: "h/", lt: "q/" })).toEqual([]);
  });

  test("gives everything there was when it was asked, in pieces, whatever is written meanwhile", async () => {
    const database = await open();
    const many = Array.from({ length: 2500 }, (_, i) => put(`r/${String(i).padStart(4, "0")}`, `${i}`));
    await database.write(many, true);
    const before = database.all();
    await database.write([put("r/0000", "new"), del("r/2499"), put("w/a", "1")], true);
    const found: string[] = [];
    let pieces = 0;
    for await (const entries of before) {
      pieces++;
      found.push(...entries.map(([key, value]) => `${key}=${value}`));
    }
    expect(found).toEqual(many.map((one) => `${one.key}=${Number(one.key.slice(2))}`));
    expect(pieces).toBeGreaterThan(1);
  });

  test("applies a batch in its order: the last word on a key counts", async () => {
    const database = await open();
    await database.write([put("g/1", "a"), put("g/1", "b"), put("g/2", "c"), del("g/2"), del("g/3")], true);
    expect(await texts(database)).toEqual(["g/1=b"]);
  });

  test("keeps its own copy of a value", async () => {
    const database = await open();
    const bytes = Buffer.from("whole");
    await database.write([{ type: "put", key: "g/1", value: bytes.subarray(0, 3) }], true);
    bytes.fill(0);
    expect(await texts(database)).toEqual(["g/1=who"]);
  });

  test("reads what was written when it is asked, whatever is written meanwhile", async () => {
    const database = await open();
    await database.write([put("g/1", "a"), put("g/2", "b")], false);
    const reading = [texts(database), database.keys(all)];
    await database.write([put("g/1", "c"), del("g/2"), put("g/3", "d")], true);
    expect(await Promise.all(reading)).toEqual([
      ["g/1=a", "g/2=b"],
      ["g/1", "g/2"],
    ]);
    expect(await texts(database)).toEqual(["g/1=c", "g/3=d"]);
  });

  test("what was written is there after it was opened anew", async () => {
    const database = await open();
    await database.write([put("g/1", "a")], true);
    await database.reopen();
    await database.write([put("g/2", "b")], true);
    expect(await texts(database)).toEqual(["g/1=a", "g/2=b"]);
  });

  test("gives back what was deleted without touching what was not", async () => {
    const database = await open();
    await database.write([put("g/1", "a"), put("g/2", "b")], true);
    await database.write([del("g/1")], true);
    await database.compact("g/", "g/1");
    expect(await texts(database)).toEqual(["g/2=b"]);
  });

  test("is equal to a sorted map under any batches", async () => {
    const key = fc.constantFrom("g/1", "g/2", "g/3", "m/a", "r/a", "r/b", "r/c", "w/z");
    const change = fc.oneof(
      fc.tuple(key, fc.string({ maxLength: 5 })).map(([k, text]) => put(k, text)),
      key.map(del),
    );
    const range = fc.record({
      gte: key,
      lt: fc.oneof(key, fc.constant("x/")),
      limit: fc.integer({ min: 1, max: 9 }),
      reverse: fc.boolean(),
    });
    const batch = fc.tuple(fc.array(change, { maxLength: 6 }), fc.boolean(), range);
    const run = async (batches: [Change[], boolean, Required<Range>][]) => {
      const database = await open();
      const twin = new Map<string, string>();
      for (const [changes, flush, { gte, lt, limit, reverse }] of batches) {
        await database.write(changes, flush);
        for (const one of changes)
          if (one.type === "put") twin.set(one.key, Buffer.from(one.value).toString());
          else twin.delete(one.key);
        const within = [...twin].filter(([k]) => k >= gte && k < lt).sort(([a], [b]) => (a < b ? -1 : 1));
        if (reverse) within.reverse();
        const expected = within.slice(0, limit).map(([k, text]) => `${k}=${text}`);
        expect(await texts(database, { gte, lt, limit, reverse })).toEqual(expected);
      }
    };
    await fc.assert(fc.asyncProperty(fc.array(batch, { maxLength: 12 }), run), { seed: 7, numRuns: 20 });
  });
});

describe("a database in memory", () => {
  test("forgets the front of many keys without a search through what is gone", async () => {
    const database = new MemoryDatabase();
    const key = (i: number) => `g/${String(i).padStart(6, "0")}`;
    for (let i = 0; i < 5000; i++) {
      await database.write([put(key(i), "")]);
      if (i >= 10) await database.write([del(key(i - 10))]);
    }
    expect(await database.keys(all)).toEqual(Array.from({ length: 10 }, (_, i) => key(4990 + i)));
  });
});

describe("a database that fails", () => {
  test("loses in a crash what was not flushed, and nothing else; a later flush takes all before along", async () => {
    const inner = new MemoryDatabase();
    const first = new FaultyDatabase(inner);
    await first.write([put("g/1", "a")], false);
    await first.write([put("g/2", "b")], true);
    await first.write([put("g/3", "c")], false);
    expect(await first.keys(all)).toEqual(["g/1", "g/2", "g/3"]);
    first.crash();
    expect(await new FaultyDatabase(inner).keys(all)).toEqual(["g/1", "g/2"]);
  });

  test("over a slow one reads what was written when it is asked, flushed or not", async () => {
    const inner = new LevelDatabase(newFolder());
    const database = new FaultyDatabase(inner);
    await database.open(true);
    opened.push(database);
    await database.write([put("g/1", "a")], true);
    await database.write([put("g/2", "b")], false);
    const reading = database.keys(all);
    await database.write([del("g/2"), put("g/3", "c")], false);
    expect(await reading).toEqual(["g/1", "g/2"]);
  });

  test("fails a write that is not there, or that is", async () => {
    const database = new FaultyDatabase(new MemoryDatabase());
    const error = new Error("EIO");
    database.failing = () => ({ error, isWritten: false });
    await expect(database.write([put("g/1", "a")], true)).rejects.toBe(error);
    database.failing = () => ({ error, isWritten: true });
    await expect(database.write([put("g/2", "b")], true)).rejects.toBe(error);
    database.refusing = () => error;
    await expect(database.reopen()).rejects.toBe(error);
    database.failing = database.refusing = null;
    await database.reopen();
    expect(await database.keys(all)).toEqual(["g/2"]);
  });
});

describe("a database on disk", () => {
  test("that another holds is refused as locked", async () => {
    const folder = newFolder();
    const first = new LevelDatabase(folder);
    await first.open(true);
    opened.push(first);
    await expect(new LevelDatabase(folder).open(false)).rejects.toMatchObject({
      code: "STORE_LOCKED",
      mend: "stop the other gateway, or set data to another folder",
    });
  });

  test("is not made where it should be, nor made anew where it is", async () => {
    const folder = newFolder();
    await expect(new LevelDatabase(folder).open(false)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
    const first = new LevelDatabase(folder);
    await first.open(true);
    await first.close();
    await expect(new LevelDatabase(folder).open(true)).rejects.toMatchObject({ code: "STORE_FAILED" });
  });

  test("that is closed says so", async () => {
    const database = new LevelDatabase(newFolder());
    await expect(database.read(all)).rejects.toMatchObject({ code: "STORE_FAILED" });
    await expect(database.write([], true)).rejects.toMatchObject({ code: "STORE_FAILED" });
  });
});
