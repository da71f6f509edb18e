/** Documents that are missing, changed or old behind the store's back: found while paging, and when it is opened. */
import { describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { newTestStore, openTestStore, outcome } from "../testing/stores.ts";
import type { Change } from "./database.ts";
import type { DurableStore } from "./durable-store.ts";
import { FaultyDatabase } from "./faulty-database.ts";
import { MemoryDatabase } from "./memory-database.ts";
import { HOLES, PACKS } from "./pack.ts";
import { seal } from "./sealed.ts";
import type { RecordChange } from "./store.ts";

const put = (store: DurableStore, ...changes: RecordChange[]) =>
  outcome((waiter) => store.put(changes, waiter));
const keyOf = (seq: number) => `s/42/1/${seq.toString(16).padStart(14, "0")}`;
const pathOf = (seq: number) => `r/${keyOf(seq)}`;
const json = (seq: number, v: number): Change => ({
  type: "put",
  key: pathOf(seq),
  value: seal(pathOf(seq), { v }),
});
const refused = { code: "STORE_CORRUPT" };
const STILL = "checking the store in test: ";

/** What reading each of some pages says. */
async function readPages(store: DurableStore): Promise<string[]> {
  const said: string[] = [];
  for (const [after, limit] of [
    [0, 3],
    [3, 2],
    [5, 2],
    [8, 9],
  ])
    said.push(
      await store.page("s/", keyOf(after), limit).then(
        (page) => String(page.length),
        ({ code, message }) => `${code} ${message}`,
      ),
    );
  return said;
}

describe("of documents of JSON", () => {
  /** Ten of them; the fifth was changed, the sixth removed. */
  async function filled(): Promise<{ inner: MemoryDatabase; store: DurableStore }> {
    const inner = new MemoryDatabase();
    const store = await openTestStore(inner);
    for (let seq = 1; seq <= 10; seq++) await put(store, { key: keyOf(seq), value: { v: 1 } });
    await put(store, { key: keyOf(5), value: { v: 2 } }, { key: keyOf(6), value: null });
    return { inner, store };
  }
  const missing = (seq: number) =>
    `STORE_CORRUPT ${STILL}the document ${pathOf(seq)} is missing, or another is in its place`;

  test.each<[string, Change[], string[]]>([
    ["none", [], ["3", "2", "2", "2"]],
    ["one that is missing", [{ type: "del", key: pathOf(4) }], ["3", missing(4), "2", "2"]],
    ["the last that is missing", [{ type: "del", key: pathOf(10) }], ["3", "2", "2", missing(10)]],
    [
      "one that is an older one",
      [json(5, 1)],
      ["3", `STORE_CORRUPT ${STILL}the document ${pathOf(5)} is not the newest`, "2", "2"],
    ],
    [
      "one that is another's",
      [{ type: "put", key: pathOf(5), value: seal(pathOf(4), { v: 2 }) }],
      ["3", `STORE_CORRUPT ${STILL}the document ${pathOf(5)} is damaged`, "2", "2"],
    ],
    // Behind the fifth the seventh is known to come next: the sixth is not even looked at.
    ["one that was removed, and is there", [json(6, 1)], ["3", "2", "2", "2"]],
    [
      "a stranger between two",
      [{ type: "put", key: `${pathOf(9)}x`, value: seal(`${pathOf(9)}x`, {}) }],
      ["3", "2", "2", missing(10)],
    ],
  ])("%s is found in its page, and by the next start", async (_what, changes, expected) => {
    const { inner, store } = await filled();
    await inner.write(changes);
    expect(await readPages(store)).toEqual(expected);
    if (changes.length > 0) await expect(newTestStore(inner).start()).rejects.toMatchObject(refused);
  });
});

describe("of packets", () => {
  /** Ten in one pack, the fifth in another since it was changed, the sixth removed. */
  async function filled(): Promise<{ inner: MemoryDatabase; store: DurableStore; packs: string[] }> {
    const inner = new MemoryDatabase();
    const store = await openTestStore(inner);
    const value = Buffer.from([0, 1, 2, 3]);
    await put(store, ...Array.from({ length: 10 }, (_, i) => ({ key: keyOf(i + 1), value })));
    await put(store, { key: keyOf(5), value: Buffer.from("newer") }, { key: keyOf(6), value: null });
    return { inner, store, packs: await inner.keys(PACKS) };
  }

  test("a pack that is missing, or another's, is found in its pages, and by the next start", async () => {
    for (const spoil of ["gone", "another's"]) {
      const { inner, store, packs } = await filled();
      const [[, value]] = await inner.read(PACKS);
      const [first, second] = packs;
      if (spoil === "gone") await inner.write([{ type: "del", key: second }]);
      else await inner.write([{ type: "put", key: second, value }]);
      const [one, two, ...others] = await readPages(store);
      expect([one, ...others]).toEqual(["3", "2", "2"]);
      const how = spoil === "gone" ? "is missing, or another is in its place" : "is damaged";
      expect(two).toBe(`STORE_CORRUPT ${STILL}the document ${second} ${how}`);
      await expect(newTestStore(inner).start()).rejects.toMatchObject(refused);
      expect(first).toBe("p/00000000000001");
    }
  });

  test("holes that are missing, or older, are found by the next start: no packet comes up again", async () => {
    const { inner, store } = await filled();
    const [[key, older]] = await inner.read(HOLES);
    await put(store, { key: keyOf(1), value: null });
    const spoils: Change[] = [
      { type: "del", key },
      { type: "put", key, value: older },
    ];
    const [[, newest]] = await inner.read(HOLES);
    for (const spoil of spoils) {
      await inner.write([spoil]);
      await expect(newTestStore(inner).start()).rejects.toMatchObject(refused);
    }
    await inner.write([{ type: "put", key, value: newest }]);
    const next = newTestStore(inner);
    await next.start();
    expect((await next.page("s/", "", 99)).map(([one]) => one)).toEqual([2, 3, 4, 5, 7, 8, 9, 10].map(keyOf));
  });

  test("any byte that is changed is found, when it is read and when the store is opened", async () => {
    const { inner, store } = await filled();
    const entries = [...(await inner.read(HOLES)), ...(await inner.read(PACKS))];
    expect(entries).toHaveLength(3);
    for (const [key, whole] of entries) {
      for (let i = 0; i < whole.length; i++)
        for (const mask of [1, 128, 255]) {
          const spoilt = Buffer.from(whole);
          spoilt[i] ^= mask;
          await inner.write([{ type: "put", key, value: spoilt }]);
          const what = `byte ${i} of ${key} ^ ${mask}`;
          if (key.startsWith(PACKS.gte))
            await expect(store.page("s/", "", 99), what).rejects.toMatchObject(refused);
          await expect(newTestStore(inner).start(), what).rejects.toMatchObject(refused);
        }
      await inner.write([{ type: "put", key, value: whole }]);
    }
    expect(await store.page("s/", "", 99)).toHaveLength(9);
  });
});

describe("that is none:", () => {
  const value = Buffer.from("x");

  test("what is being written is waited for: it may be there already", async () => {
    const database = new FaultyDatabase(new MemoryDatabase());
    const store = await openTestStore(database);
    await put(store, { key: keyOf(1), value });
    let letGo = () => {};
    database.onStep = (step) =>
      step === "flushed" ? new Promise((resolve) => (letGo = resolve)) : undefined;
    const writing = put(store, { key: keyOf(1), value: Buffer.from("newer") });
    await until(async () => expect((await database.keys({ gte: "g/", lt: "g0" })).length).toBe(3));
    const page = store.page("s/", "", 9);
    await new Promise((resolve) => setImmediate(resolve));
    letGo();
    expect(await writing).toBe("");
    expect(await page).toEqual([[keyOf(1), Buffer.from("newer")]]);
  });

  test("a commit that failed and is not there leaves all to be read as before it", async () => {
    const database = new FaultyDatabase(new MemoryDatabase());
    const store = await openTestStore(database, { retryMs: 60_000 });
    const all = [1, 2, 3, 4].map((seq) => ({ key: keyOf(seq), value }));
    await put(store, ...all, { key: "j/1", value: { v: 1 } });
    database.failing = () => ({ error: new Error("write: No space left on device"), isWritten: false });
    const changes = [
      { key: keyOf(1), value: null },
      { key: keyOf(2), value: Buffer.from("newer") },
      { key: keyOf(2), value: null },
      { key: keyOf(3), value: { v: 1 } },
      { key: keyOf(5), value },
      { key: "j/1", value },
      { key: "j/2", value: {} },
    ];
    expect(await put(store, ...changes)).toBe("STORE_NO_SPACE");
    expect(await store.records("")).toEqual([["j/1", { v: 1 }], ...all.map(({ key }) => [key, value])]);
    await store.stop();
  });

  test("what a commit that failed left is no damage: the fault is told until the store was opened anew", async () => {
    const database = new FaultyDatabase(new MemoryDatabase());
    const store = await openTestStore(database);
    await put(store, { key: keyOf(1), value });
    database.failing = () => ({ error: new Error("EIO"), isWritten: true });
    expect(await put(store, { key: keyOf(1), value: Buffer.from("newer") })).toBe("STORE_FAILED");
    await expect(store.page("s/", "", 9)).rejects.toThrow("EIO");
    database.failing = null;
    await until(() => expect(store.fault).toBeNull());
    expect(await store.page("s/", "", 9)).toEqual([[keyOf(1), Buffer.from("newer")]]);
    await store.stop();
  });
});
