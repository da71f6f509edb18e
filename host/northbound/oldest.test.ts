/** Since when the first message waits, while nobody is there to take it: read once, and not with each look. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import type { Store } from "../store/store.ts";
import { appendTo, openTestStore } from "../testing/stores.ts";
import { Forwarder } from "./forwarder.ts";
import { Oldest } from "./oldest.ts";
import type { Sink } from "./sink.ts";

let store: DurableStore;
let reads: number[];
/** Of the store, with each reading counted; `fails`: the next one does. */
let counted: Pick<Store, "read" | "next" | "fill" | "fault" | "records" | "putLater">;
let fails: boolean;

const begin = async (options: { maxMessages?: number } = {}) => {
  store = await openTestStore(undefined, options);
  counted = new Proxy(store, {
    get: (one, name) => {
      const found: unknown = Reflect.get(one, name, one);
      if (name !== "read") return typeof found === "function" ? found.bind(one) : found;
      return (from: number, limit: number) => {
        reads.push(from);
        return fails ? Promise.reject(new Error("unread")) : one.read(from, limit);
      };
    },
  });
};
beforeEach(() => {
  [reads, fails] = [[], false];
  return begin();
});
afterEach(() => store.stop());

const say = (seq: number, at: number) => appendTo(store, "a", seq, {}, { at });

async function forwarder(): Promise<Forwarder> {
  const clock = { now: () => performance.now(), wall: () => 5000 };
  const waits = { leastMs: 600_000, mostMs: 600_000 };
  const given = { name: "test", accepts: () => true, from: "oldest" as const, clock, log: silentLog };
  const one = new Forwarder({ ...given, store: counted, waits });
  await one.load();
  return one;
}

test("away since the start, it is known since when the first waits, with one reading", async () => {
  for (const seq of [1, 2, 3]) await say(seq, 70 + seq);
  const one = await forwarder();
  await until(() => expect(one.view()).toMatchObject({ behind: 3, oldestAt: 71 }));
  for (const seq of [4, 5]) {
    await say(seq, 70 + seq);
    one.wake();
    expect(one.view()).toMatchObject({ behind: seq, oldestAt: 71 });
  }
  expect(reads.length).toBeLessThan(2);
  await one.stop(0);
});

test("where nothing waited at the start, it is the first that came since; and so it is after a break", async () => {
  const one = await forwarder();
  expect(one.view()).toMatchObject({ behind: 0, oldestAt: 0 });
  await say(1, 71);
  one.wake();
  await until(() => expect(one.view().oldestAt).toBe(71));
  const takes: Sink = { window: 1, send: async () => 0 };
  one.begin(takes);
  await until(() => expect(one.view()).toMatchObject({ behind: 0, oldestAt: 0 }));
  one.pause();
  for (const seq of [2, 3]) {
    await say(seq, 70 + seq);
    one.wake();
  }
  await until(() => expect(one.view()).toMatchObject({ behind: 2, oldestAt: 72 }));
  await one.stop(0);
});

test("while everything waits for the next try, it is known as well", async () => {
  await say(1, 71);
  await say(2, 72);
  const one = await forwarder();
  one.begin({ window: 1, send: () => Promise.reject(new Error("broken")) });
  await until(() => expect(one.view()).toMatchObject({ fault: "broken", behind: 2, oldestAt: 71 }));
  await one.stop(0);
});

test("what the store gave up is told by the store, without a reading; what it cannot read is tried again", async () => {
  await store.stop();
  await begin({ maxMessages: 10 });
  for (let seq = 1; seq <= 20; seq++) await say(seq, 70 + seq);
  let first = 1;
  const one = new Oldest(counted, () => first);
  one.look();
  expect([one.at, reads]).toEqual([store.fill.oldestAt, []]);
  expect(one.at).toBeGreaterThan(71);
  first = 18;
  expect(one.at).toBe(0);
  fails = true;
  one.look();
  await until(() => expect(reads).toEqual([18]));
  fails = false;
  await until(() => {
    one.look();
    expect(one.at).toBe(88);
  });
  one.look();
  first = store.next;
  one.look();
  expect([one.at, reads]).toEqual([0, [18, 18]]);
});

test("a first message that the store gave up while it was read is told by what is oldest there", async () => {
  const never = { ...counted, next: 9, fill: { oldest: 1, oldestAt: 70 }, read: async () => [] };
  const oldest = new Oldest(never as unknown as Store, () => 5);
  oldest.look();
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(oldest.at).toBe(0);
});
