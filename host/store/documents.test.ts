/** Documents, as JSON or as bytes, and marks: one list of rules for the store over every database, held against a Map. */
import { afterEach, describe, expect, test } from "vitest";
import { folderForEach } from "../testing/folders.ts";
import { appendTo, newTestStore, openTestStore, outcome } from "../testing/stores.ts";
import { seededRandom } from "../transports/random.ts";
import type { Database } from "./database.ts";
import type { DurableStore } from "./durable-store.ts";
import { FaultyDatabase } from "./faulty-database.ts";
import { LevelDatabase } from "./level-database.ts";
import { MemoryDatabase } from "./memory-database.ts";
import type { Mark, RecordChange } from "./store.ts";

const folder = folderForEach("documents");
const kinds: [name: string, make: () => Database][] = [
  ["in memory", () => new MemoryDatabase()],
  ["on disk", () => new LevelDatabase(folder())],
  ["that fails", () => new FaultyDatabase(new MemoryDatabase())],
];
const opened: Database[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

const put = (store: DurableStore, ...changes: RecordChange[]) =>
  outcome((waiter) => store.put(changes, waiter));
const packet = (seq: number) => `s/42/1/${seq.toString(16).padStart(14, "0")}`;
const plain = (entries: [string, unknown][]) =>
  entries.map(([key, value]) => [key, value instanceof Uint8Array ? [...value] : value]);

/** What a store must hold. */
interface Twin {
  documents: Map<string, unknown>;
  marks: Map<string, number>;
}

/** One random change of a document, in the twin too. */
function anyChange(random: () => number, twin: Twin): RecordChange {
  const below = (n: number) => Math.floor(random() * n);
  const key = [`s/${below(3)}/${below(2)}/${below(9)}`, `o/b/${below(4)}`, `q/${below(4)}`][below(3)];
  const kind = below(3);
  const value =
    kind === 0
      ? null
      : kind === 1
        ? { v: below(99) }
        : Uint8Array.from({ length: below(5) }, () => below(256));
  if (value === null) twin.documents.delete(key);
  else twin.documents.set(key, value instanceof Uint8Array ? [...value] : value);
  return { key, value };
}

function anyMark(random: () => number, seq: number): Mark {
  return { device: `~${Math.floor(random() * 3)}.7.${Math.floor(random() * 2)}`, epoch: "e", seq };
}

async function check(store: DurableStore, twin: Twin, random: () => number, what: string): Promise<void> {
  const prefix = ["", "s/", "s/1/", "s/1/0/", "o/", "x/"][Math.floor(random() * 6)];
  const expected = [...twin.documents]
    .filter(([key]) => key.startsWith(prefix))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  expect(plain(await store.records(prefix)), what).toEqual(expected);
  const limit = 1 + Math.floor(random() * 6);
  const paged: [string, unknown][] = [];
  for (let after = ""; ; ) {
    const page = await store.page(prefix, after, limit);
    paged.push(...page);
    if (page.length < limit) break;
    after = page[page.length - 1][0];
  }
  expect(plain(paged), what).toEqual(expected);
  for (let i = 0; i < 6; i++) {
    const device = `~${i >> 1}.7.${i & 1}`;
    expect(store.watermarks(device)[0]?.seq, `${what}: ${device}`).toBe(twin.marks.get(device));
  }
}

describe.each(kinds)("a store %s", (_name, make) => {
  test("keeps bytes as bytes, from none to many, beside JSON, over a restart", async () => {
    const database = make();
    const store = await openTestStore(database);
    opened.push(database);
    const many = Uint8Array.from({ length: 70_000 }, (_, i) => i);
    const json = Buffer.from('{"v":1}');
    expect(await put(store, { key: "s/a", value: new Uint8Array(0) }, { key: "s/b", value: many })).toBe("");
    expect(await put(store, { key: "s/c", value: json }, { key: "s/d", value: { v: 1 } })).toBe("");
    const expected = [
      ["s/a", []],
      ["s/b", [...many]],
      ["s/c", [...json]],
      ["s/d", { v: 1 }],
    ];
    expect(plain(await store.records("s/"))).toEqual(expected);
    await store.stop();
    const next = newTestStore(database);
    await next.start();
    expect(plain(await next.records("s/"))).toEqual(expected);
  });

  test("pages from behind any key, also one that is gone, and from the head after what was removed", async () => {
    const database = make();
    const store = await openTestStore(database);
    opened.push(database);
    const value = Buffer.from("x");
    const all = Array.from({ length: 1200 }, (_, i) => packet(i + 1));
    await put(
      store,
      ...all.map((key) => ({ key, value })),
      { key: "s/42/2/0", value },
      { key: "s/4", value },
    );
    await put(store, ...all.slice(0, 1100).map((key) => ({ key, value: null })));
    const keys = async (after: string, limit: number) =>
      (await store.page("s/42/1/", after, limit)).map(([key]) => key);
    expect(await keys("", 2)).toEqual([packet(1101), packet(1102)]);
    expect(await keys(packet(7), 1)).toEqual([packet(1101)]);
    expect(await keys(packet(1198), 9)).toEqual([packet(1199), packet(1200)]);
    expect(await keys(packet(1200), 9)).toEqual([]);
    expect(await keys("s/42/1", 1)).toEqual([packet(1101)]);
    expect(await keys("z", 1)).toEqual([]);
  });

  test("reads what was committed when it was asked, while commits follow each other", async () => {
    const database = make();
    const store = await openTestStore(database);
    opened.push(database);
    const value = Buffer.from("x");
    let committed = 0;
    const adding: Promise<string>[] = [];
    for (let i = 1; i <= 60; i++) {
      adding.push(put(store, { key: packet(i), value }));
      void adding[i - 1].then(() => committed++);
      const [before, page] = [committed, await store.page("s/", "", 1000)];
      expect(page.map(([key]) => key)).toEqual(page.map((_, at) => packet(at + 1)));
      expect(page.length).toBeGreaterThanOrEqual(before);
    }
    expect(new Set(await Promise.all(adding))).toEqual(new Set([""]));
  });

  test.each([1, 2, 3])("holds, over any changes and restarts, what a Map holds (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const database = make();
    let store = await openTestStore(database);
    opened.push(database);
    const twin: Twin = { documents: new Map(), marks: new Map() };
    for (let round = 1; round <= 60; round++) {
      const what = `seed ${seed}, round ${round}`;
      const all: Promise<unknown>[] = [];
      // Documents first: they are an order of their own beside the messages (Store).
      for (let i = Math.floor(random() * 4); i > 0; i--) {
        const changes = [anyChange(random, twin), anyChange(random, twin)];
        if (random() < 0.5) store.putLater(changes);
        else all.push(put(store, ...changes));
      }
      for (let i = Math.floor(random() * 4); i > 0; i--) {
        const mark = anyMark(random, round * 10 - i);
        const changes = [anyChange(random, twin)];
        twin.marks.set(mark.device, mark.seq);
        if (random() < 0.5) all.push(appendTo(store, "gw2/sim-1", round, {}, { changes, mark }));
        else all.push(outcome((waiter) => store.raise(mark.device, mark.epoch, mark.seq, waiter, changes)));
      }
      all.push(put(store));
      await Promise.all(all);
      if (random() < 0.1) {
        await store.stop();
        store = newTestStore(database);
        await store.start();
      }
      await check(store, twin, random, what);
    }
  });
});
