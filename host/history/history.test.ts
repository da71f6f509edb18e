import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import type { Log } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { FaultyDatabase } from "../store/faulty-database.ts";
import { MemoryDatabase } from "../store/memory-database.ts";
import { folderForEach } from "../testing/folders.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { appendTo, openTestStore } from "../testing/stores.ts";
import { Archive } from "./archive.ts";
import { History, type HistorySettings } from "./history.ts";
import { historyPlace, type Place } from "./history-place.ts";

const DAY_S = 86_400;
const settings: HistorySettings = {
  ...{ enabled: true, keepS: 7 * DAY_S, rawS: DAY_S, minuteS: 2 * DAY_S, maxBytes: 1e9 },
};
const AT = Date.UTC(2026, 10, 27, 12);
const name = { device: "a", type: "l:x", field: "v" };

const data = folderForEach("history");
const stops = stopAfterEach();
let store: DurableStore;
let now: number;
let said: string[];
const clock = { now: () => now, wall: () => AT + now };

beforeEach(async () => {
  store = await openTestStore();
  now = 0;
  said = [];
  stops.push(() => store.stop());
});

const note = (fields: object, text: string) => {
  said.push(`${(fields as { event?: string }).event} ${text}`);
};
const log: Log = { debug: note, info: note, warn: note, error: note };

async function begun(
  set: Partial<HistorySettings> = {},
  place: Place = historyPlace("memory"),
): Promise<History> {
  const history = new History({ settings: { ...settings, ...set }, place, store, clock, log });
  history.start();
  stops.push(() => history.stop());
  await history.catchUp();
  return history;
}

let seq = 0;
async function say(content: Record<string, unknown>, at = clock.wall(), device = "a"): Promise<void> {
  await appendTo(store, device, ++seq, { ot: "l:x", ...content }, { at });
}

const points = (history: History, more: object = {}) =>
  history.points({ ...name, from: 0, to: 2e12, points: 100, ...more });

async function rows(history: History, query: object = {}): Promise<string[]> {
  const found: string[] = [];
  for await (const { field, t, mean, min, max, count } of history.rows({
    device: "a",
    from: 0,
    to: 2e12,
    ...query,
  }))
    found.push(`${field} ${(t - AT) / 1000} ${mean} ${min} ${max} ${count}`);
  return found;
}

/** So many seconds pass, a minute at a time at most, and what is due is done. */
async function pass(history: History, s: number): Promise<void> {
  now += 1000 * s;
  await history.catchUp();
}

test("numbers and booleans are kept, nested ones under names with points, and nothing of replies or the protocol", async () => {
  await say({
    v: 1.5,
    on: true,
    rq: 7,
    t: 5,
    bme: { temp: 20, deep: { er: { no: 1 }, yes: 2 } },
    list: [1],
    text: "1",
  });
  await say({ re: 7, v: 3 });
  await say({ v: Number.NaN, big: null });
  const history = await begun();
  expect(history.series().map(({ field, last }) => `${field} ${last}`)).toEqual([
    ...["v 1.5", "on 1", "bme.temp 20", "bme.deep.yes 2"],
  ]);
  expect(history.view()).toMatchObject({ state: "ok", series: 4, points: 4, unkept: 0, missed: 0, from: AT });
});

test("of values that a wrong clock has put decades apart, the time between is not walked through", async () => {
  await say({ v: 1 }, 1000);
  await say({ v: 2 });
  const history = await begun();
  const read = vi.spyOn(Archive.prototype, "read");
  try {
    expect(await rows(history)).toEqual([`v ${(1000 - AT) / 1000} 1 1 1 1`, "v 0 2 2 2 1"]);
    expect(read.mock.calls.length).toBeLessThan(10);
  } finally {
    read.mockRestore();
  }
});

test("a value has the board's time where that can be, else that of its arrival", async () => {
  for (const t of [AT - 3_600_000, AT + 61_000, AT - 8 * DAY_S * 1000])
    await appendTo(store, "a", ++seq, { ot: "l:x", v: t }, { at: AT });
  const history = await begun();
  expect((await points(history)).t).toEqual([AT, AT, AT]); // t is the message's own, not of its content
  const message = {
    n: 0,
    device: "a",
    epoch: "e",
    seq: 99,
    at: AT,
    t: AT - 3_600_000,
    message: { ot: "l:x", v: 9 },
  };
  await new Promise<void>((resolve) =>
    store.append(message, Buffer.from("{}"), 0, 2, { onCommitted: resolve, onFailed: () => resolve() }),
  );
  await history.catchUp();
  expect((await points(history)).t).toEqual([AT - 3_600_000, AT, AT, AT]);
});

test("beyond 32 fields of a type and 64 series of a board values are counted, not kept", async () => {
  const many = (prefix: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, i]));
  await say(many("f", 40));
  await say({ ot: "l:y", ...many("g", 40) });
  await say({ ot: "l:z", h: 1, ["x".repeat(65)]: 1 });
  await say(many("b", 1), AT, "b");
  const history = await begun();
  expect(history.series("a")).toHaveLength(64);
  expect(history.view()).toMatchObject({ series: 65, unkept: 8 + 8 + 2 });
});

test("after an end in order, and after a crash, it goes on where it was: no value twice, none missing", async () => {
  const place = () => historyPlace(data());
  const first = await begun({}, place());
  for (let i = 0; i < 5; i++) await say({ v: i });
  await pass(first, 1);
  // Not written yet: so it is on the disk when the process is killed.
  const copy = `${data()}.copy`;
  stops.push(() => rmSync(copy, { recursive: true }));
  cpSync(data(), copy, { recursive: true });
  await first.stop();
  for (let i = 5; i < 8; i++) await say({ v: i });
  for (const folder of [data(), copy]) {
    const history = await begun({}, historyPlace(folder));
    expect((await points(history)).mean).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(history.series()[0]).toEqual({ ...name, from: AT, to: AT + 1000, last: 7 });
  }
});

test("what the store gave up before it was read is a gap, and counted", async () => {
  store = await openTestStore(new MemoryDatabase(), { maxMessages: 3 });
  const history = await begun();
  for (let i = 0; i < 10; i++) await say({ v: i });
  await history.catchUp();
  expect((await points(history)).mean).toEqual([7, 8, 9]);
  expect(history.view().missed).toBe(7);
  // What it would lose in a crash is written before the store gives it up.
  for (let i = 10; i < 13; i++) await say({ v: i });
  await history.catchUp();
  expect(history.view()).toMatchObject({ missed: 7, points: 6 });
  expect(history.view().bytes).toBeGreaterThan(0);
});

test("a store that counts anew is begun with its first message, one put back or copied where it goes on", async () => {
  const disk = new MemoryDatabase();
  const place: Place = { ...historyPlace("memory"), open: async () => disk };
  const old = store;
  for (let i = 0; i < 4; i++) await say({ v: i });
  await (await begun({}, place)).stop();
  store = await openTestStore();
  for (let i = 4; i < 6; i++) await say({ v: i });
  const anew = await begun({}, place);
  expect((await points(anew)).mean).toEqual([0, 1, 2, 3, 4, 5]);
  await anew.stop();
  // On another machine the store has another epoch and the same numbers.
  const cursorAt2 = store;
  store = Object.create(cursorAt2, { epoch: { value: "other" } }) as DurableStore;
  const copied = await begun({}, place);
  await say({ v: 6 });
  await copied.catchUp();
  expect((await points(copied)).mean).toEqual([0, 1, 2, 3, 4, 5, 6]);
  await copied.stop();
  await old.stop();
});

test("values are thinned to minutes, then to ten minutes, then given up; mean, least, most and count are of what came", async () => {
  const history = await begun({ rawS: 3600, minuteS: 4 * 3600, keepS: 24 * 3600 });
  for (let minute = 0; minute < 20; minute++) {
    for (let i = 0; i < 6; i++) await say({ v: 10 * minute + i }, AT + 60_000 * minute + 10_000 * i);
    await pass(history, 60);
  }
  await pass(history, 3600);
  expect(await rows(history)).toHaveLength(120);
  await pass(history, 2 * 3600 + 1);
  const minutes = await rows(history);
  expect(minutes.slice(0, 2)).toEqual(["v 0 2.5 0 5 6", "v 60 12.5 10 15 6"]);
  expect(minutes).toHaveLength(20);
  await pass(history, 9 * 3600);
  expect(await rows(history)).toEqual(["v 0 47.5 0 95 60", "v 600 147.5 100 195 60"]);
  await pass(history, 24 * 3600);
  expect(history.view()).toMatchObject({ series: 0, points: 0, bytes: 0, from: 0 });
  await expect(points(history)).rejects.toMatchObject({ code: "SERIES_UNKNOWN", exitCode: 3 });
});

test("what is thinned is read in a row: LevelDB merges tables for what is looked up key by key", async () => {
  const database = new MemoryDatabase();
  const history = await begun({ rawS: 3600 }, { ...historyPlace("memory"), open: async () => database });
  const boards = Array.from({ length: 150 }, (_, i) => `b${i}`);
  for (const minute of [0, 6])
    for (const [i, board] of boards.entries()) {
      await say({ v: i + minute }, AT + 60_000 * minute, board);
      if (i === boards.length - 1) await pass(history, 360);
    }
  let looked = 0;
  const get = database.get.bind(database);
  database.get = (keys) => {
    looked += keys.length;
    return get(keys);
  };
  await pass(history, 2 * 3600 + 1);
  expect(looked).toBe(0);
  for (const i of [0, 63, 64, 127, 128, 149])
    expect(await rows(history, { device: `b${i}` })).toEqual([
      `v 0 ${i} ${i} ${i} 1`,
      `v 360 ${i + 6} ${i + 6} ${i + 6} 1`,
    ]);
  // One block, of what were two.
  expect(await database.keys({ gte: "v/", lt: "v0" })).toHaveLength(150);
});

test("within maxBytes the newest is kept: what is old is thinned early, and the oldest of all goes", async () => {
  const history = await begun({ maxBytes: 20_000 });
  for (let i = 0; i < 60; i++) {
    for (let k = 0; k < 20; k++) await say({ v: Math.sin(20 * i + k) }, clock.wall() + 1000 * k);
    await pass(history, 360);
    expect(history.view().bytes).toBeLessThanOrEqual(20_000);
  }
  const found = await rows(history);
  expect(found.at(-1)).toMatch(/ 1$/); // as it came
  expect(found[0]).not.toMatch(/ 1$/); // a bucket
  expect(found[0]).toMatch(/^v 0 /);
});

test("a disk that takes nothing is told once; when it does again all is there, once", async () => {
  const database = new FaultyDatabase(new MemoryDatabase());
  const history = await begun({}, { ...historyPlace("memory"), open: async () => database });
  for (let i = 0; i < 3; i++) await say({ v: i });
  database.failing = () => ({ error: new Error("ENOSPC: no space left on device, write"), isWritten: true });
  database.refusing = () => new Error("ENOSPC: no space left on device, write");
  await history.catchUp();
  await pass(history, 301);
  expect(history.view()).toMatchObject({ state: "fault", mend: expect.stringContaining("df -h") });
  await say({ v: 3 });
  await pass(history, 10);
  await pass(history, 100);
  expect(said).toEqual([
    expect.stringMatching(/^fault no history is kept: keeping history in memory: ENOSPC/),
  ]);
  database.failing = null;
  database.refusing = null;
  await pass(history, 100);
  expect(said.slice(1)).toEqual(["mended history is kept again"]);
  expect(history.view().state).toBe("ok");
  expect((await points(history)).mean).toEqual([0, 1, 2, 3]);
});

test("a disk that is full and can be read is a fault until a write went through, not until the next one", async () => {
  const database = new FaultyDatabase(new MemoryDatabase());
  const history = await begun({}, { ...historyPlace("memory"), open: async () => database });
  await say({ v: 1 });
  database.failing = () => ({ error: new Error("ENOSPC: no space left on device, write"), isWritten: false });
  await history.catchUp();
  await pass(history, 301);
  for (let i = 0; i < 3; i++) {
    await pass(history, 61);
    expect(history.view().state).toBe("fault");
  }
  expect(said.length).toBe(1);
  database.failing = null;
  await pass(history, 61);
  expect(said.slice(1)).toEqual(["mended history is kept again"]);
  expect([history.view().state, (await points(history)).mean]).toEqual(["ok", [1]]);
});

test("what cannot be read any more is set aside, and the history begins anew from what the store holds", async () => {
  const first = await begun({}, historyPlace(data()));
  for (let i = 0; i < 3; i++) await say({ v: i });
  await first.stop();
  const folder = join(data(), "history");
  const current = readFileSync(join(folder, "CURRENT"), "utf8").trim();
  writeFileSync(join(folder, current), "spoiled");
  const history = await begun({}, historyPlace(data()));
  await until(() => history.view().state === "ok");
  expect(said).toEqual([
    expect.stringMatching(/^reset the history begins anew, from what the store holds: .*damaged$/),
  ]);
  expect((await points(history)).mean).toEqual([0, 1, 2]);
  expect(existsSync(`${folder}.damaged`)).toBe(true);
  await history.stop();
  expect(readdirSync(data()).sort()).toEqual(["history", "history.damaged"]);
  rmSync(`${folder}.damaged`, { recursive: true });
});

test("one that could be opened and not be read is closed at the end", async () => {
  const database = new FaultyDatabase(new MemoryDatabase());
  database.get = async () => {
    throw new Error("EIO: i/o error, read");
  };
  let isClosed = false;
  const close = async () => {
    isClosed = true;
  };
  const history = await begun({}, { ...historyPlace("memory"), open: async () => database, close });
  expect(history.view().state).toBe("fault");
  await history.stop();
  expect(isClosed).toBe(true);
});

test("switched off it keeps nothing, and says so to whoever asks", async () => {
  const history = await begun({ enabled: false });
  await say({ v: 1 });
  history.wake();
  await history.catchUp();
  expect(history.view()).toMatchObject({ state: "off", series: 0 });
  await expect(points(history)).rejects.toMatchObject({ code: "HISTORY_OFF", mend: "history.enabled: true" });
});
