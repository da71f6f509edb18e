/** Messages read back: from memory, from the database, over the boundary between them, and what is damaged. */
import { describe, expect, test } from "vitest";
import { appendTo, newTestStore, openTestStore, outcome } from "../testing/stores.ts";
import { seededRandom } from "../transports/random.ts";
import { FaultyDatabase } from "./faulty-database.ts";
import { GROUPS } from "./group.ts";
import { MemoryDatabase } from "./memory-database.ts";
import type { DeliveredMessage } from "./store.ts";
import { WATERMARKS } from "./watermarks.ts";

const devices = ["a", "b", "rare"];

describe("reading", () => {
  test.each([1, 2, 3])("by number, board and limit is that of a list (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const inner = new MemoryDatabase();
    let store = newTestStore(inner);
    await store.start();
    const twin: DeliveredMessage[] = [];
    const check = async () => {
      const from = Math.floor(random() * (twin.length + 5));
      const limit = 1 + Math.floor(random() * 200);
      const device = [undefined, ...devices, "nobody"][Math.floor(random() * 5)];
      const expected = twin
        .filter((message) => message.n >= from && (device === undefined || message.device === device))
        .slice(0, limit);
      const got = await store.read(from, limit, device);
      expect(got, `seed ${seed}: from ${from}, limit ${limit}, of ${device}`).toEqual(expected);
    };
    for (let round = 0; round < 120; round++) {
      const all: Promise<unknown>[] = [];
      for (let i = Math.floor(random() * 150); i > 0; i--) {
        const device = devices[random() < 0.01 ? 2 : Math.floor(random() * 2)];
        const [n, seq, at] = [twin.length + 1, twin.length + 1, round];
        const content: Record<string, unknown> = random() < 0.5 ? { v: n } : { v: n, t: 5 };
        twin.push({ n, device, epoch: "e", seq, ...("t" in content && { t: 5 }), at, message: content });
        const packet = appendTo(store, device, seq, content, { at });
        all.push(packet);
      }
      // Commits without messages stand between those with.
      if (random() < 0.3) all.push(outcome((waiter) => store.put([{ key: "k", value: {} }], waiter)));
      await Promise.all(all);
      if (round === 60) {
        await store.stop();
        store = newTestStore(inner);
        await store.start();
      }
      if (round === 0 || round > 55) for (let i = 0; i < 3; i++) await check();
    }
    // More than is held in memory: the boundary has been crossed.
    expect(twin.length).toBeGreaterThan(8192);
  });
});

describe("damage", () => {
  /** A store of 40 commits with a message each, and watermarks and documents. */
  async function filled(): Promise<MemoryDatabase> {
    const inner = new MemoryDatabase();
    const store = await openTestStore(inner);
    for (let seq = 1; seq <= 40; seq++)
      await appendTo(store, "a", seq, {}, { changes: [{ key: `k/${seq % 3}`, value: { seq } }] });
    await store.stop();
    return inner;
  }
  const open = async (inner: MemoryDatabase) => {
    const store = newTestStore(inner);
    await store.start();
    return store;
  };
  const refused = { code: "STORE_CORRUPT", exitCode: 7, mend: expect.stringContaining("put a copy of test") };

  async function flip(inner: MemoryDatabase, key: string): Promise<void> {
    const [[, value]] = await inner.read({ gte: key, lt: `${key}\0` });
    const damaged = Buffer.from(value);
    damaged[damaged.length - 1] ^= 1;
    await inner.write([{ type: "put", key, value: damaged }]);
  }

  test("a commit that is missing stops the start, wherever it stood", async () => {
    for (const at of [0, 1, 20, 39]) {
      const inner = await filled();
      const keys = await inner.keys(GROUPS);
      await inner.write([{ type: "del", key: keys[at] }]);
      await expect(open(inner), `commit ${at + 1}`).rejects.toMatchObject(refused);
    }
    const inner = await filled();
    const keys = await inner.keys(GROUPS);
    await inner.write(keys.map((key) => ({ type: "del", key })));
    await expect(open(inner)).rejects.toMatchObject(refused);
  });

  test("the newest commit that is missing is seen in the documents", async () => {
    const inner = await filled();
    await inner.write([{ type: "del", key: (await inner.keys(GROUPS)).at(-1)! }]);
    await expect(open(inner)).rejects.toMatchObject(refused);
  });

  test.each([
    ["gone", async (inner: MemoryDatabase, key: string) => inner.write([{ type: "del", key }])],
    [
      "an older one",
      async (inner: MemoryDatabase, key: string) => {
        const other = await filled();
        const before = await openTestStore(new MemoryDatabase());
        await appendTo(before, "a", 1, {}, { changes: [{ key: "k/1", value: { seq: 1 } }] });
        expect(await other.keys(WATERMARKS)).toContain("w/a/e");
        const { seal } = await import("./sealed.ts");
        const old = key === "w/a/e" ? { seq: 1, delivered: 1, order: 1 } : { seq: 1 };
        await inner.write([{ type: "put", key, value: seal(key, old) }]);
      },
    ],
    ["changed", flip],
  ])("a watermark, a document or the identity that is %s stops the start", async (_how, spoil) => {
    for (const key of ["w/a/e", "r/k/1", "m/identity"]) {
      const inner = await filled();
      await spoil(inner, key);
      await expect(open(inner), key).rejects.toMatchObject(refused);
    }
  });

  test("the oldest or the newest messages that are changed stop the start", async () => {
    for (const at of [0, 5, 40]) {
      const inner = await filled();
      await flip(inner, (await inner.keys(GROUPS))[at]);
      await expect(open(inner), `commit ${at + 1}`).rejects.toMatchObject(refused);
    }
  });

  test("messages between that are changed are refused when they are read, the others are not", async () => {
    const inner = await filled();
    await flip(inner, (await inner.keys(GROUPS))[30]);
    const store = await open(inner);
    expect(await store.read(1, 5)).toHaveLength(5);
    expect((await store.read(33, 100)).map(({ n }) => n)).toEqual([33, 34, 35, 36, 37, 38, 39, 40]);
    await expect(store.read(30, 1)).rejects.toMatchObject(refused);
  });

  test("that retention comes upon stops the store, and opening it anew does not hide it", async () => {
    const inner = await filled();
    await flip(inner, (await inner.keys(GROUPS))[20]);
    const faults: string[] = [];
    const store = newTestStore(new FaultyDatabase(inner), {
      maxMessages: 5,
      onFault: (fault) => void faults.push(fault?.code ?? "well"),
    });
    await store.start();
    for (let seq = 41; store.fault === null && seq < 80; seq++) await appendTo(store, "a", seq);
    expect(faults).toEqual(["STORE_CORRUPT"]);
    expect(await appendTo(store, "a", 100)).toBe("STORE_CORRUPT");
    await store.stop();
  });
});
