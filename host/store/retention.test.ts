/** What is given up for what comes, what is kept, and what waits: through a whole store. */
import { describe, expect, test, vi } from "vitest";
import { until } from "../platform/testing/until.ts";
import { appendTo, newTestStore, openTestStore, outcome } from "../testing/stores.ts";
import { seededRandom } from "../transports/random.ts";
import { GROUPS } from "./group.ts";
import { MemoryDatabase } from "./memory-database.ts";

const numbers = async (store: { read(from: number, limit: number): Promise<{ n: number }[]> }, from = 0) =>
  (await store.read(from, 10_000)).map(({ n }) => n);

/** A clock that the test moves: `now` never jumps, `wall` does as it is told. */
function testClock() {
  const clock = { ms: 0, wallMs: 1e12, now: () => clock.ms, wall: () => clock.wallMs };
  return clock;
}

describe("the oldest messages make room", () => {
  test("for more than maxMessages, counted, and no longer read", async () => {
    const store = await openTestStore(new MemoryDatabase(), { maxMessages: 5 });
    for (let seq = 1; seq <= 20; seq++) await appendTo(store, "a", seq, { v: seq }, { at: seq });
    expect(store.fill).toMatchObject({ messages: 5, oldest: 16, oldestAt: 16, dropped: 15 });
    expect(await numbers(store)).toEqual([16, 17, 18, 19, 20]);
    expect(await numbers(store, 3)).toEqual([16, 17, 18, 19, 20]);
    expect(await numbers(store, 18)).toEqual([18, 19, 20]);
  });

  test("for more than maxBytes", async () => {
    const database = new MemoryDatabase();
    const store = await openTestStore(database, { maxBytes: 10_000 });
    for (let seq = 1; seq <= 50; seq++) await appendTo(store, "a", seq, { text: "x".repeat(1000) });
    const { messages, bytes } = store.fill;
    expect(bytes).toBeLessThanOrEqual(10_000);
    expect(messages).toBe(9);
    const held = (await database.read(GROUPS)).reduce((sum, [, value]) => sum + value.length, 0);
    expect(held).toBe(bytes);
  });

  test("when they are older than maxAgeS, looked for once a minute, by a clock that does not jump", async () => {
    const clock = testClock();
    vi.useFakeTimers({ toFake: ["setInterval"] });
    try {
      const store = await openTestStore(new MemoryDatabase(), { clock, maxAgeS: 100 });
      await appendTo(store, "a", 1);
      clock.ms += 60_000;
      clock.wallMs += 1e11; // set right by three years
      vi.advanceTimersByTime(60_000);
      await appendTo(store, "a", 2);
      expect(await numbers(store)).toEqual([1, 2]);
      clock.wallMs = 0;
      clock.ms += 60_000;
      vi.advanceTimersByTime(60_000);
      await until(async () => expect(await numbers(store)).toEqual([2]));
      expect(store.fill.dropped).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test("age goes on over a restart, and nothing ages while the store is closed, whatever the clock says", async () => {
    const inner = new MemoryDatabase();
    const open = async (wallMs: number) => {
      const clock = testClock();
      clock.wallMs = wallMs;
      const store = newTestStore(inner, { clock, maxAgeS: 100 });
      await store.start();
      return { clock, store };
    };
    const first = await open(1e12);
    await appendTo(first.store, "a", 1);
    first.clock.ms += 70_000;
    await appendTo(first.store, "a", 2);
    await first.store.stop();
    const second = await open(5e12);
    await appendTo(second.store, "a", 3);
    expect(await numbers(second.store)).toEqual([1, 2, 3]);
    second.clock.ms += 40_000;
    await appendTo(second.store, "a", 4);
    expect(await numbers(second.store)).toEqual([2, 3, 4]);
    await second.store.stop();
    const third = await open(0);
    third.clock.ms += 90_000;
    await appendTo(third.store, "a", 5);
    expect(await numbers(third.store)).toEqual([4, 5]);
  });

  test("down to the newest commit, which always stays", async () => {
    const inner = new MemoryDatabase();
    const store = await openTestStore(inner, { maxMessages: 1, maxBytes: 1 });
    await Promise.all([appendTo(store, "a", 1), appendTo(store, "a", 2), appendTo(store, "a", 3)]);
    expect(await numbers(store)).toEqual([1, 2, 3]);
    const next = newTestStore(inner, { maxMessages: 1, maxBytes: 1 });
    await next.start();
    expect(next.next).toBe(4);
  });

  test.each([1, 2, 3, 4])(
    "any traffic, bounds and restarts leave what a list would (seed %i)",
    async (seed) => {
      const random = seededRandom(seed);
      const inner = new MemoryDatabase();
      const maxMessages = 1 + Math.floor(random() * 300);
      let store = newTestStore(inner, { maxMessages });
      await store.start();
      let seq = 0;
      for (let round = 0; round < 150; round++) {
        const count = Math.floor(random() ** 3 * 40);
        const all: Promise<unknown>[] = [];
        for (let i = 0; i < count; i++) all.push(appendTo(store, "a", ++seq));
        if (random() < 0.2) all.push(outcome((waiter) => store.raise("b", "e", round + 1, waiter)));
        await Promise.all(all);
        if (random() < 0.1) {
          await store.stop();
          store = newTestStore(inner, { maxMessages });
          await store.start();
        }
        const got = await numbers(store);
        const { oldest, messages, dropped } = store.fill;
        expect(got, `seed ${seed}, round ${round}`).toEqual(
          Array.from({ length: seq - oldest + 1 }, (_, i) => oldest + i),
        );
        expect([messages, dropped]).toEqual([got.length, oldest - 1]);
      }
      // Whole commits go, the newest stays.
      expect(store.fill.messages).toBeLessThanOrEqual(maxMessages + 40);
    },
  );
});

describe("a full store that may give nothing up", () => {
  const options = { whenFull: "refuse", maxMessages: 3 } as const;

  test("holds messages and goes on with documents, and takes messages again when it may hold more", async () => {
    const inner = new MemoryDatabase();
    const store = await openTestStore(inner, options);
    for (let seq = 1; seq <= 3; seq++) await appendTo(store, "a", seq);
    expect(store.fill).toMatchObject({ isHeld: true, messages: 3 });
    let isTold = false;
    void appendTo(store, "a", 4).then(() => {
      isTold = true;
    });
    for (let i = 0; i < 3; i++) await outcome((waiter) => store.put([{ key: "k", value: { i } }], waiter));
    expect([isTold, store.fill.pending, store.next]).toEqual([false, 1, 4]);
    await store.stop();
    expect(isTold).toBe(false);
    const next = newTestStore(inner, { ...options, maxMessages: 4 });
    await next.start();
    expect(await next.records("k")).toEqual([["k", { i: 2 }]]);
    expect(await appendTo(next, "a", 4)).toMatchObject({ n: 4 });
  });

  test("gives up what is too old, and then takes what it held", async () => {
    const clock = testClock();
    vi.useFakeTimers({ toFake: ["setInterval"] });
    try {
      const store = await openTestStore(new MemoryDatabase(), { ...options, clock, maxAgeS: 100 });
      for (let seq = 1; seq <= 3; seq++) await appendTo(store, "a", seq);
      const held = appendTo(store, "a", 4);
      clock.ms += 101_000;
      vi.advanceTimersByTime(60_000);
      expect(await held).toMatchObject({ n: 4 });
      expect(store.fill.isHeld).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  test("writes nothing by itself while it waits", async () => {
    const inner = new MemoryDatabase();
    vi.useFakeTimers({ toFake: ["setInterval"] });
    try {
      const store = await openTestStore(inner, { ...options, maxMessages: 2 });
      await Promise.all([1, 2, 3].map((seq) => appendTo(store, "a", seq)));
      const before = (await inner.keys(GROUPS)).length;
      for (let i = 0; i < 5; i++) vi.advanceTimersByTime(60_000);
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      expect(await inner.keys(GROUPS)).toHaveLength(before);
    } finally {
      vi.useRealTimers();
    }
  });
});
