/** The store in its folder: made once, opened by one, and never begun anew where there was one. */
import { spawn } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../platform/clock.ts";
import { folderForEach } from "../testing/folders.ts";
import { appendTo } from "../testing/stores.ts";
import { diskStore, memoryStore, type OpenableStore, type StoreSettings } from "./open-store.ts";

const settings: StoreSettings = {
  maxMessages: 1000,
  maxBytes: 1e6,
  maxAgeS: 0,
  whenFull: "dropOldest",
  flush: true,
  commitDelayMs: 0,
  keepFreeBytes: 0,
  faults: "none",
};

const data = folderForEach("store");
const open: OpenableStore[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const make = (set: Partial<StoreSettings> = {}) =>
  diskStore(data(), { ...settings, ...set }, systemClock, { onFault() {}, onReopened() {}, onLow() {} });

async function opened(set: Partial<StoreSettings> = {}): Promise<OpenableStore> {
  const one = make(set);
  await one.open();
  open.push(one);
  return one;
}

async function closed(one: OpenableStore): Promise<void> {
  open.splice(open.indexOf(one), 1);
  await one.close();
}

/** With messages 1…count in it, closed. */
async function filled(count: number): Promise<void> {
  const one = await opened();
  const { next } = one.store;
  for (let seq = next; seq < next + count; seq++) await appendTo(one.store, "a", seq);
  await closed(one);
}

describe("a store on disk", () => {
  test("is there in the next process, with its epoch, and readable by its owner only", async () => {
    const first = await opened();
    const { epoch } = first.store;
    await appendTo(first.store, "a", 1, { ot: "l:temp" });
    await closed(first);
    expect(readdirSync(data()).sort()).toEqual(["last-commit", "store", "store.json"]);
    expect(statSync(join(data(), "store")).mode & 0o777).toBe(0o700);
    expect(statSync(join(data(), "last-commit")).mode & 0o777).toBe(0o600);
    const { store } = await opened();
    expect(store.epoch).toBe(epoch);
    expect(await store.read(0, 10)).toMatchObject([{ n: 1, device: "a", message: { ot: "l:temp" } }]);
  });

  test("after a crash shows everything that was acknowledged", async () => {
    const one = await opened();
    for (let seq = 1; seq <= 20; seq++) await appendTo(one.store, "a", seq);
    const copy = `${data()}.copy`;
    try {
      cpSync(data(), copy, { recursive: true });
      const after = diskStore(copy, settings, systemClock, { onFault() {}, onReopened() {}, onLow() {} });
      await after.open();
      expect(after.store.fill.messages).toBe(20);
      await after.close();
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });

  test("belongs to one process; the next is told so, and touches nothing", async () => {
    await filled(5);
    await opened();
    const named = readdirSync(data()).filter((name) => name !== "store");
    const files = () => named.map((name) => `${name} ${statSync(join(data(), name)).mtimeMs}`);
    const before = files();
    await expect(make().open()).rejects.toMatchObject({ code: "STORE_LOCKED", exitCode: 5 });
    expect(files()).toEqual(before);
  });

  test("is free again when the process that had it was killed", async () => {
    const script = `
      const { ClassicLevel } = await import("classic-level");
      const level = new ClassicLevel(${JSON.stringify(join(data(), "store"))});
      await level.open();
      console.log("open");
      setInterval(() => {}, 1000);`;
    await filled(1);
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { cwd: process.cwd() });
    const gone = new Promise((resolve) => child.once("exit", resolve));
    await new Promise((resolve) => child.stdout.once("data", resolve));
    await expect(make().open()).rejects.toMatchObject({ code: "STORE_LOCKED" });
    child.kill("SIGKILL");
    await gone;
    expect((await opened()).store.fill.messages).toBe(1);
  });

  test("whose CURRENT is missing is not begun anew, and what is left stays", async () => {
    await filled(3);
    rmSync(join(data(), "store/CURRENT"));
    const before = readdirSync(join(data(), "store")).filter((name) => /log|ldb/.test(name));
    await expect(make().open()).rejects.toMatchObject({
      code: "STORE_CORRUPT",
      exitCode: 7,
      message: `checking the store in ${data()}: the file CURRENT is missing`,
    });
    expect(readdirSync(join(data(), "store"))).toEqual(expect.arrayContaining(before));
    rmSync(join(data(), "store.json"));
    await expect(make().open()).rejects.toMatchObject({ code: "STORE_CORRUPT" });
    rmSync(join(data(), "store"), { recursive: true });
    writeFileSync(join(data(), "store.json"), '{"format":1}\n');
    await expect(make().open()).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  });

  test("that was cut off while it was being made is made", async () => {
    await filled(0);
    const current = readFileSync(join(data(), "store/CURRENT"), "utf8").trim();
    for (const name of readdirSync(join(data(), "store")))
      if (name !== current && name !== "LOCK") rmSync(join(data(), "store", name));
    rmSync(join(data(), "store.json"));
    rmSync(join(data(), "last-commit"));
    await opened();
  });

  test.each([
    ['{"format":0}', /store\.json says format 0; this release reads 1\.0/],
    ['{"format":1,"minor":-1}', /store\.json says format 1; this release reads 1\.0/],
    ["{", /store\.json says format undefined/],
    ["null", /store\.json says format undefined/],
  ])("of another format is refused: %s", async (text, words) => {
    await filled(1);
    writeFileSync(join(data(), "store.json"), text);
    await expect(make().open()).rejects.toMatchObject({
      code: "STORE_CORRUPT",
      message: expect.stringMatching(words),
    });
  });

  test("that lost its end is refused, though its database sees nothing missing", async () => {
    await filled(30);
    const log = readdirSync(join(data(), "store")).find((name) => name.endsWith(".log"))!;
    const path = join(data(), "store", log);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 100));
    await expect(make().open()).rejects.toMatchObject({
      code: "STORE_CORRUPT",
      message: expect.stringMatching(/it ends with commit \d+, and commit \d+ was in it$/),
    });
  });

  test("with a table that has changed is refused before LevelDB reads it", async () => {
    await filled(30);
    await filled(30);
    const table = readdirSync(join(data(), "store")).find((name) => name.endsWith(".ldb"))!;
    const path = join(data(), "store", table);
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(path, bytes);
    await expect(make().open()).rejects.toMatchObject({
      code: "STORE_CORRUPT",
      message: `checking the store in ${data()}: the file ${path} has changed`,
    });
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(path, bytes);
    writeFileSync(join(data(), "tables.json"), "{");
    await opened();
    expect(JSON.parse(readFileSync(join(data(), "tables.json"), "utf8")).sums[table][0]).toBe(bytes.length);
  });

  test("with something unfinished at its end is opened without that", async () => {
    await filled(30);
    const log = readdirSync(join(data(), "store")).find((name) => name.endsWith(".log"))!;
    appendFileSync(join(data(), "store", log), Buffer.from("0123456789abcdef", "hex"));
    expect((await opened()).store.fill.messages).toBe(30);
  });

  test("where there is a file is refused in words", async () => {
    rmSync(data(), { recursive: true });
    writeFileSync(data(), "");
    await expect(make().open()).rejects.toMatchObject({
      code: "STORE_FAILED",
      message: expect.stringMatching(/^opening the data folder .*: (EEXIST|ENOTDIR)/),
    });
  });

  test("acknowledged without a flush is on the disk when it was closed in order", async () => {
    const one = await opened({ flush: false, faults: "dropUnflushed" });
    await appendTo(one.store, "a", 1);
    await closed(one);
    expect((await opened()).store.fill.messages).toBe(1);
  });
});

test("a store says when its disk has less than it is to keep free, and takes what it is given all the same", async () => {
  const low: string[] = [];
  const one = diskStore(data(), { ...settings, keepFreeBytes: 2 ** 60 }, systemClock, {
    ...{ onFault() {}, onReopened() {} },
    onLow: (fault) => void low.push(fault?.code ?? "room"),
  });
  await one.open();
  open.push(one);
  expect(low).toEqual(["STORE_LOW"]);
  expect(one.store.low).toMatchObject({ code: "STORE_LOW" });
  expect(one.store.fill.low).toBe(one.store.low!.message);
  expect(await appendTo(one.store, "a", 1)).toMatchObject({ n: 1 });
  const { store } = memoryStore({ ...settings, keepFreeBytes: 2 ** 60 }, systemClock);
  expect(store.low).toBeNull();
});

test("a store in memory leaves nothing behind", async () => {
  const one = memoryStore(settings, systemClock);
  await one.open();
  expect(await appendTo(one.store, "a", 1)).toMatchObject({ n: 1 });
  await one.close();
  expect(existsSync("memory")).toBe(false);
});
