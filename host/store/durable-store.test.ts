/** What the store promises its users: order, both ends of a commit, and what a failure means. */
import { describe, expect, test, vi } from "vitest";
import { until } from "../platform/testing/until.ts";
import { appendTo, newTestStore, openTestStore, outcome } from "../testing/stores.ts";
import { FaultyDatabase } from "./faulty-database.ts";
import { MemoryDatabase } from "./memory-database.ts";
import type { DeliveredMessage, RecordChange } from "./store.ts";

const record = (key: string, v: number): RecordChange => ({ key, value: { v } });
const remove = (key: string): RecordChange => ({ key, value: null });
const seqs = (messages: DeliveredMessage[]) => messages.map(({ n, device, seq }) => `${n} ${device} ${seq}`);

/** The next turns of the event loop: a commit in memory is over then. */
async function turns(count = 3): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A database that waits with every write until it is let go on. */
class Held extends FaultyDatabase {
  writes = 0;
  private release: (() => void)[] = [];
  isHolding = true;

  constructor(inner = new MemoryDatabase()) {
    super(inner);
    this.onStep = (step) => {
      if (step !== "asked") return;
      this.writes++;
      if (this.isHolding) return new Promise<void>((resolve) => this.release.push(resolve));
    };
  }

  letGo(): void {
    for (const resolve of this.release.splice(0)) resolve();
  }
}

async function heldStore(): Promise<[Awaited<ReturnType<typeof openTestStore>>, Held]> {
  const database = new Held();
  database.isHolding = false;
  const store = await openTestStore(database);
  database.isHolding = true;
  return [store, database];
}

describe("a commit", () => {
  test("numbers messages from 1 without a gap, and raises watermarks with them", async () => {
    const store = await openTestStore();
    const kept = [appendTo(store, "a", 1), appendTo(store, "b", 7), appendTo(store, "a", 2)];
    await Promise.all(kept);
    expect(seqs(await store.read(0, 10))).toEqual(["1 a 1", "2 b 7", "3 a 2"]);
    expect(store.watermarks("a")).toEqual([{ epoch: "e", seq: 2, delivered: 2, order: 1 }]);
    expect(store.next).toBe(4);
  });

  test("is shared by all that came while the one before was being written", async () => {
    const [store, database] = await heldStore();
    const before = database.writes;
    const first = appendTo(store, "a", 1);
    await turns();
    const rest = [2, 3, 4].map((seq) => appendTo(store, "a", seq));
    const put = outcome((waiter) => store.put([record("k", 1)], waiter));
    await turns();
    expect(database.writes - before).toBe(1);
    database.letGo();
    await first;
    await turns();
    expect(database.writes - before).toBe(2);
    database.letGo();
    await Promise.all([...rest, put]);
    expect(database.writes - before).toBe(2);
  });

  test("is told to nobody before it is flushed", async () => {
    const [store, database] = await heldStore();
    let isTold = false;
    void appendTo(store, "a", 1).then(() => {
      isTold = true;
    });
    await turns(10);
    expect([isTold, store.next, store.fill.pending]).toEqual([false, 1, 1]);
    expect(await store.read(0, 10)).toEqual([]);
    database.letGo();
    await turns();
    expect([isTold, store.next, store.fill.pending]).toEqual([true, 2, 0]);
  });

  test("a listener that fails is no fault of the store", async () => {
    const store = await openTestStore();
    const thrown = new Error("a listener's own");
    const uncaught = new Promise((resolve) => {
      const listeners = process.listeners("unhandledRejection");
      process.removeAllListeners("unhandledRejection");
      process.once("unhandledRejection", (error) => {
        for (const listener of listeners) process.on("unhandledRejection", listener);
        resolve(error);
      });
    });
    const onCommitted = () => {
      throw thrown;
    };
    store.raise("a", "e", 1, { onCommitted, onFailed: () => expect.unreachable() });
    expect(await uncaught).toBe(thrown);
    expect(store.fault).toBeNull();
  });
});

describe("documents", () => {
  test("are read back by the beginning of their keys, in order, and the last word counts", async () => {
    const store = await openTestStore();
    await outcome((waiter) => store.put([record("q/2", 2), record("q/1", 1), record("r/1", 3)], waiter));
    await outcome((waiter) => store.put([remove("q/2"), record("q/1", 9)], waiter));
    expect(await store.records("q/")).toEqual([["q/1", { v: 9 }]]);
    expect(await store.records("")).toHaveLength(2);
  });

  test("written now and later keep the order in which they were handed over", async () => {
    const [store, database] = await heldStore();
    store.putLater([record("k", 1), record("l", 1)]);
    const put = outcome((waiter) => store.put([record("k", 2)], waiter));
    store.putLater([remove("l")]);
    await turns();
    database.letGo();
    await put;
    database.isHolding = false;
    expect(await store.records("")).toEqual([["k", { v: 2 }]]);
  });

  test("that may wait cause no commit, ride in the next, and are written when it stops", async () => {
    const inner = new MemoryDatabase();
    const database = new Held(inner);
    database.isHolding = false;
    const store = await openTestStore(database);
    const before = database.writes;
    store.putLater([record("k", 1)]);
    await turns();
    expect(database.writes).toBe(before);
    await appendTo(store, "a", 1);
    expect(await store.records("")).toEqual([["k", { v: 1 }]]);
    expect(database.writes).toBe(before + 1);
    store.putLater([record("k", 2)]);
    await store.stop();
    const next = newTestStore(inner);
    await next.start();
    expect(await next.records("")).toEqual([["k", { v: 2 }]]);
  });

  test("that may wait wait a minute at most", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    try {
      const store = await openTestStore();
      store.putLater([record("k", 1)]);
      vi.advanceTimersByTime(60_000);
      vi.useRealTimers();
      await until(async () => expect(await store.records("")).toHaveLength(1));
    } finally {
      vi.useRealTimers();
    }
  });

  test("of a message are in its commit or not at all", async () => {
    const inner = new MemoryDatabase();
    const database = new FaultyDatabase(inner);
    const store = await openTestStore(database);
    await appendTo(store, "a", 1, {}, { changes: [record("k", 1)] });
    database.failing = () => ({ error: new Error("EIO"), isWritten: false });
    expect(await appendTo(store, "a", 2, {}, { changes: [record("k", 2)] })).toBe("STORE_FAILED");
    const next = newTestStore(inner);
    await next.start();
    expect(await next.records("")).toEqual([["k", { v: 1 }]]);
    expect(next.watermarks("a")[0].seq).toBe(1);
  });
});

describe("what waits for others", () => {
  test("is told after all messages handed over before, and at once when there are none", async () => {
    const [store, database] = await heldStore();
    const told: string[] = [];
    const wait = (name: string) =>
      store.whenCommitted({ onCommitted: () => told.push(name), onFailed: () => told.push(`not ${name}`) });
    wait("nothing");
    void appendTo(store, "a", 1).then(() => told.push("first"));
    await turns();
    wait("being written");
    void appendTo(store, "a", 2).then(() => told.push("second"));
    wait("gathered");
    expect(told).toEqual(["nothing"]);
    database.letGo();
    await turns();
    expect(told).toEqual(["nothing", "being written", "first"]);
    database.letGo();
    await turns();
    expect(told).toEqual(["nothing", "being written", "first", "gathered", "second"]);
  });
});

describe("a store that fails", () => {
  const full = { error: new Error("write: No space left on device"), isWritten: false };
  const there = { ...full, isWritten: true };

  /** With one message in it; `faults` are what it said. */
  async function failingStore(inner = new MemoryDatabase()) {
    const database = new FaultyDatabase(inner);
    const faults: string[] = [];
    const found: string[] = [];
    const store = await openTestStore(database, {
      onFault: (fault) => void faults.push(fault?.code ?? "well"),
      onReopened: async () => void found.push(...seqs(await store.read(2, 100))),
    });
    await appendTo(store, "a", 1);
    return { store, database, faults, found };
  }

  test("gives back what was being written and all that came after, and takes nothing", async () => {
    const { store, database, faults } = await failingStore();
    database.failing = () => full;
    const repeat = outcome((waiter) => store.whenCommitted(waiter));
    expect(await repeat).toBe("");
    const all = [
      appendTo(store, "a", 2),
      appendTo(store, "b", 1),
      outcome((waiter) => store.raise("a", "e", 3, waiter)),
      outcome((waiter) => store.whenCommitted(waiter)),
      outcome((waiter) => store.put([record("k", 1)], waiter)),
    ];
    expect(await Promise.all(all)).toEqual(Array(5).fill("STORE_NO_SPACE"));
    expect(faults).toEqual(["STORE_NO_SPACE"]);
    expect(await appendTo(store, "a", 2)).toBe("STORE_NO_SPACE");
    expect(await outcome((waiter) => store.put([record("k", 1)], waiter))).toBe("STORE_NO_SPACE");
    expect(store.fill).toMatchObject({ messages: 1, pending: 0, refused: 2, fault: expect.any(String) });
    expect(store.fill.fault).toMatch(/^writing to the store in test: write: No space left on device$/);
    expect(seqs(await store.read(0, 10))).toEqual(["1 a 1"]);
    await store.stop();
  });

  test("takes again by itself, when there is room, and goes on without a gap", async () => {
    const { store, database, faults, found } = await failingStore();
    let tries = 0;
    database.failing = () => full;
    let isFull = true;
    database.refusing = () => {
      tries++;
      return isFull ? full.error : null;
    };
    expect(await appendTo(store, "a", 2)).toBe("STORE_NO_SPACE");
    await until(() => expect(tries).toBeGreaterThan(1));
    expect(store.fault).not.toBeNull();
    isFull = false;
    database.failing = null;
    await until(() => expect(store.fault).toBeNull());
    expect(await appendTo(store, "a", 2)).toMatchObject({ n: 2 });
    expect(faults).toEqual(["STORE_NO_SPACE", "well"]);
    expect(found).toEqual([]);
    await store.stop();
  });

  test("and has what it said it had not: shows it before it takes anything, watermark and all", async () => {
    const { store, database, found } = await failingStore();
    database.failing = () => there;
    expect(await appendTo(store, "a", 2)).toBe("STORE_NO_SPACE");
    expect([store.next, store.watermarks("a")[0].seq]).toEqual([2, 1]);
    database.failing = null;
    await until(() => expect(store.fault).toBeNull());
    expect(found).toEqual(["2 a 2"]);
    expect([store.next, store.watermarks("a")[0].seq]).toEqual([3, 2]);
    expect(await appendTo(store, "a", 3)).toMatchObject({ n: 3 });
    expect(seqs(await store.read(0, 10))).toEqual(["1 a 1", "2 a 2", "3 a 3"]);
    await store.stop();
  });

  test.each([false, true])(
    "at any write: all that is said again is there once (written: %s)",
    async (isWritten) => {
      for (let at = 1; at <= 8; at++) {
        const database = new FaultyDatabase(new MemoryDatabase());
        const store = await openTestStore(database, { retryMs: 1 });
        let writes = 0;
        database.failing = () => (++writes === at ? { ...full, isWritten } : null);
        for (let seq = 1; seq <= 8; ) {
          const what = await appendTo(store, "a", seq);
          if (typeof what === "string") {
            expect(what).toBe("STORE_NO_SPACE");
            await until(() => expect(store.fault).toBeNull());
          }
          seq = (store.watermarks("a")[0]?.seq ?? 0) + 1;
        }
        expect(seqs(await store.read(0, 100)), `write ${at}`).toEqual(
          Array.from({ length: 8 }, (_, i) => `${i + 1} a ${i + 1}`),
        );
        await store.stop();
      }
    },
  );

  test("keeps documents that nobody waits for, in their place among the others", async () => {
    const inner = new MemoryDatabase();
    const { store, database } = await failingStore(inner);
    store.putLater([record("k", 1), record("l", 1)]);
    const put = outcome((waiter) => store.put([record("k", 2), record("m", 2)], waiter));
    store.putLater([record("l", 3)]);
    database.failing = () => there;
    expect(await put).toBe("STORE_NO_SPACE");
    store.putLater([remove("m")]);
    database.failing = null;
    await until(() => expect(store.fault).toBeNull());
    await store.stop();
    const next = newTestStore(inner);
    await next.start();
    expect(await next.records("")).toEqual([
      ["k", { v: 1 }],
      ["l", { v: 3 }],
    ]);
  });

  test("is not opened anew once it was stopped, also when the last commits failed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { store, database, faults } = await failingStore();
      const reopen = vi.spyOn(database, "reopen");
      database.failing = () => full;
      const refused = appendTo(store, "a", 2);
      await store.stop();
      await vi.advanceTimersByTimeAsync(60_000);
      expect([await refused, faults, reopen.mock.calls]).toEqual(["STORE_NO_SPACE", ["STORE_NO_SPACE"], []]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("can be stopped while it fails, and while it is opened anew", async () => {
    const first = await failingStore();
    first.database.failing = () => full;
    await appendTo(first.store, "a", 2);
    await first.store.stop();

    const { store, database } = await failingStore();
    let go: (() => void) | null = null;
    database.failing = () => full;
    await appendTo(store, "a", 2);
    database.failing = null;
    database.onStep = () => new Promise<void>((resolve) => (go = resolve));
    await until(() => expect(go).not.toBeNull());
    let isStopped = false;
    const stopped = store.stop().then(() => {
      isStopped = true;
    });
    await turns();
    expect(isStopped).toBe(false);
    database.onStep = null;
    go!();
    await stopped;
  });
});
