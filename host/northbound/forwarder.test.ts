/** Messages on their way to a sink that fails, lies still, refuses and goes away: each board's in order, none left out. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import type { DeliveredMessage } from "../store/store.ts";
import { appendTo, openTestStore } from "../testing/stores.ts";
import { randomInteger, seededRandom } from "../transports/random.ts";
import type { ForwarderOptions } from "./forwarder.ts";
import { idOf, Refusal, type Sink } from "./sink.ts";
import { TestForwarders } from "./testing/forwarders.ts";

/** What was handed to it waits until the test says what became of it. */
class HeldSink implements Sink {
  window = 8;
  readonly flying: {
    id: string;
    n: number;
    device: string;
    take(place?: number): void;
    fail(e: Error): void;
  }[] = [];
  /** In the order in which they were handed over. */
  readonly seen: string[] = [];

  send(message: DeliveredMessage, id: string): Promise<number> {
    this.seen.push(id);
    return new Promise((resolve, reject) => {
      const { n, device } = message;
      const over = (act: () => void) => {
        const at = this.flying.indexOf(flight);
        if (at >= 0) this.flying.splice(at, 1);
        act();
      };
      const flight = {
        ...{ id, n, device },
        take: (place = 0) => over(() => resolve(place)),
        fail: (error: Error) => over(() => reject(error)),
      };
      this.flying.push(flight);
    });
  }
}

let store: DurableStore;
const forwarders = new TestForwarders();
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(async () => {
  await forwarders.stop();
  await store.stop();
});

const forwarder = (options: Partial<ForwarderOptions> = {}) => forwarders.make({ store, ...options });

const say = (device: string, ...numbers: number[]) =>
  Promise.all(numbers.map((seq) => appendTo(store, device, seq)));
const ids = (sink: HeldSink) => sink.flying.map(({ id }) => id);

/** So that what was said for later is in the store. */
const commit = () => appendTo(store, "~clock", store.next);

test("one message of a board is on its way at a time, those of others beside it, as many as the window takes", async () => {
  await say("a", 1, 2, 3);
  await say("b", 1);
  await say("c", 1);
  const sink = new HeldSink();
  sink.window = 2;
  const one = await forwarder();
  one.begin(sink);
  await until(() => expect(ids(sink)).toEqual(["a:e:1", "b:e:1"]));
  sink.flying[0].take();
  await until(() => expect(ids(sink)).toEqual(["b:e:1", "a:e:2"]));
  sink.flying[0].take();
  await until(() => expect(ids(sink)).toEqual(["a:e:2", "c:e:1"]));
  expect(one.view()).toMatchObject({ behind: 4, inFlight: 2, sent: 2 });
});

test("the cursor stays at the first message that is not taken, and the next gateway begins there", async () => {
  await say("a", 1);
  await say("b", 1, 2);
  const sink = new HeldSink();
  const one = await forwarder();
  one.begin(sink);
  await until(() => sink.flying.length === 2);
  sink.flying[1].take();
  await until(() => expect(ids(sink)).toEqual(["a:e:1", "b:e:2"]));
  await commit();
  const after = new HeldSink();
  (await forwarder()).begin(after);
  await until(() => expect(ids(after)).toEqual(["a:e:1", "b:e:1", "~clock:e:4"]));
});

test("what is refused is left behind and counted, once, and what follows it passes", async () => {
  await say("a", 1, 2);
  const sink = new HeldSink();
  const one = await forwarder();
  one.begin(sink);
  await until(() => sink.flying.length === 1);
  sink.flying[0].fail(new Refusal("too large"));
  await until(() => expect(ids(sink)).toEqual(["a:e:2"]));
  expect(one.view()).toMatchObject({ behind: 1, refused: 1, fault: "" });
  await commit();
  expect((await forwarder()).view()).toMatchObject({ refused: 1 });
});

test("after a failure all from the cursor on is handed on again, with the same ids, a board's next one not before", async () => {
  await say("a", 1, 2);
  const sink = new HeldSink();
  const one = await forwarder();
  one.begin(sink);
  await until(() => sink.flying.length === 1);
  sink.flying[0].fail(new Error("no space left there"));
  await until(() => expect(one.view().fault).toBe("no space left there"));
  await until(() => expect(sink.seen).toEqual(["a:e:1", "a:e:1"]));
  sink.flying[0].take();
  await until(() => expect(sink.seen).toEqual(["a:e:1", "a:e:1", "a:e:2"]));
  expect(one.view()).toMatchObject({ repeated: 1, fault: "" });
});

test("a word that comes late counts, and is no word about what was handed on since", async () => {
  await say("a", 1, 2);
  const sink = new HeldSink();
  const one = await forwarder();
  one.begin(sink);
  await until(() => sink.flying.length === 1);
  const [late] = sink.flying;
  one.pause();
  one.begin(sink);
  await until(() => sink.flying.length === 2);
  late.fail(new Error("the connection is gone"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(one.view()).toMatchObject({ inFlight: 1, fault: "" });
  sink.flying[0].take();
  await until(() => expect(ids(sink)).toEqual(["a:e:2"]));
});

test("what the store gave up meanwhile is missed, counted once over any number of tries", async () => {
  await store.stop();
  store = await openTestStore(undefined, { maxMessages: 4 });
  await say("a", 1);
  const sink = new HeldSink();
  const one = await forwarder();
  one.begin(sink);
  await until(() => sink.flying.length === 1);
  for (let seq = 2; seq <= 10; seq++) await say("b", seq);
  expect(store.fill.oldest).toBeGreaterThan(4);
  one.wake();
  await until(() => sink.flying.length === 2);
  for (let i = 0; i < 3; i++) {
    one.pause();
    one.begin(sink);
    await until(() => sink.flying.some(({ device }) => device === "b"));
  }
  await until(() => {
    for (const flight of [...sink.flying]) flight.take();
    expect(one.view().behind).toBe(0);
  });
  // The first one too: nobody knew what had become of it when the store gave it up.
  expect(one.view().missed).toBe(store.fill.oldest - 1);
});

test("what is not accepted is passed over; a first start begins now, or with the oldest", async () => {
  await say("a", 1);
  await say("b", 1);
  const now = await forwarder({ name: "now", from: "now" });
  const sink = new HeldSink();
  now.begin(sink);
  expect(now.view().behind).toBe(0);
  await say("a", 2);
  now.wake();
  await until(() => expect(ids(sink)).toEqual(["a:e:2"]));
  const some = await forwarder({ name: "some", accepts: ({ device }) => device === "b" });
  const other = new HeldSink();
  some.begin(other);
  await until(() => expect(ids(other)).toEqual(["b:e:1"]));
  other.flying[0].take();
  await until(() => expect(some.view().behind).toBe(0));
});

test("where the other side stood is kept as of the first message that it may not have", async () => {
  const sink = new HeldSink();
  const one = await forwarder();
  await say("a", 1, 2);
  await say("b", 1);
  one.begin(sink);
  await until(() => sink.flying.length === 2);
  sink.flying[0].take(100);
  await until(() => sink.seen.length === 3);
  expect(one.placeOfCursor).toBe(0);
  sink.flying[0].take(101);
  await until(() => expect(one.view()).toMatchObject({ behind: 2, sent: 2 }));
  // b's is beyond the cursor, and was sent when nothing was known yet.
  expect(one.placeOfCursor).toBe(0);
  sink.flying[0].take(102);
  await until(() => expect(one.view()).toMatchObject({ behind: 0 }));
  await say("a", 3);
  one.wake();
  await until(() => sink.flying.length === 1);
  expect(one.placeOfCursor).toBe(102);
});

test("that place is before what was taken beyond the cursor, over a pause and in the next process as well", async () => {
  const sink = new HeldSink();
  const one = await forwarder();
  await say("a", 1);
  await say("b", 1, 2);
  one.begin(sink, { side: "s1", place: 100 });
  await until(() => sink.flying.length === 2);
  // b's first is taken at 102; a's first may have come to stand at 101, and nothing said so.
  sink.flying[1].take(102);
  await until(() => expect(ids(sink)).toEqual(["a:e:1", "b:e:2"]));
  expect(one.placeOfCursor).toBe(100);
  one.pause();
  expect(one.placeOfCursor).toBe(100);
  one.begin(sink);
  await until(() => sink.flying.length === 4);
  // a's goes again and is taken: what the cursor then stands at, b's second, was first sent when 102 was known.
  sink.flying[2].take(103);
  await until(() => expect(one.view().behind).toBe(1));
  expect([one.placeOfCursor, one.sideOfCursor]).toEqual([100, "s1"]);
  await commit();
  const next = await forwarder();
  const after = new HeldSink();
  next.begin(after);
  await until(() => expect(ids(after)).toEqual(["b:e:2", "~clock:e:4"]));
  after.flying[1].take(110);
  await until(() => expect(after.flying).toHaveLength(1));
  expect([next.placeOfCursor, next.sideOfCursor]).toEqual([100, "s1"]);
  after.flying[0].take(111);
  await until(() => expect(next.view().behind).toBe(0));
  expect(next.placeOfCursor).toBe(111);
});

test("what an earlier process sent beyond its cursor holds the place until it is over", async () => {
  const sink = new HeldSink();
  const one = await forwarder();
  await say("a", 1, 2);
  await say("b", 1);
  one.begin(sink, { side: "s1", place: 100 });
  await until(() => sink.flying.length === 2);
  sink.flying[1].take(103); // b's stands at 103; the cursor is at a's first
  await until(() => expect(one.view().sent).toBe(1));
  await commit();
  const next = await forwarder();
  const after = new HeldSink();
  after.window = 1;
  next.begin(after);
  for (const [id, place] of [
    ["a:e:1", 105],
    ["a:e:2", 106],
  ] as const) {
    await until(() => expect(ids(after)).toEqual([id]));
    after.flying[0].take(place);
  }
  await until(() => expect(ids(after)).toEqual(["b:e:1"]));
  expect(next.placeOfCursor).toBe(100);
});

test("another side begins where it stands itself", async () => {
  const sink = new HeldSink();
  const one = await forwarder();
  await say("a", 1, 2);
  one.begin(sink, { side: "s1", place: 500 });
  await until(() => sink.flying.length === 1);
  one.pause();
  one.begin(sink, { side: "s2", place: 0 });
  expect([one.placeOfCursor, one.sideOfCursor]).toEqual([0, "s2"]);
  await until(() => sink.flying.length === 2);
  sink.flying[1].take(3);
  await until(() => sink.flying.length === 2 && sink.flying[1].id === "a:e:2");
  expect(one.placeOfCursor).toBe(3);
});

test("the cursor costs one document a second at most, and is whole after a stop", async () => {
  const writes: unknown[] = [];
  const { putLater } = store;
  store.putLater = (changes) => {
    writes.push(...changes);
    putLater.call(store, changes);
  };
  await say("a", ...Array.from({ length: 100 }, (_, i) => i));
  const one = await forwarder();
  one.begin({ window: 1, send: async () => 0 });
  const from = performance.now();
  await until(() => expect(one.view().behind).toBe(0));
  expect(writes.length).toBeLessThanOrEqual(3 + (performance.now() - from) / 1000);
  await one.stop(0);
  expect(writes.at(-1)).toMatchObject({ value: { next: 101 } });
});

test("a stop waits for what is on its way, and for no longer than it may", async () => {
  await say("a", 1, 2);
  const sink = new HeldSink();
  const one = await forwarder();
  one.begin(sink);
  await until(() => sink.flying.length === 1);
  const stopped = one.stop(60_000);
  sink.flying[0].take();
  await stopped;
  expect(sink.flying).toEqual([]);
  const two = await forwarder();
  const still = new HeldSink();
  two.begin(still);
  await until(() => still.flying.length > 0);
  await two.stop(1);
});

test("a stop ends at once when what was on its way fails", async () => {
  await say("a", 1);
  const sink = new HeldSink();
  const one = await forwarder();
  one.begin(sink);
  await until(() => sink.flying.length === 1);
  const stopped = one.stop(600_000);
  sink.flying[0].fail(new Error("gone"));
  await stopped;
});

test.each([1, 2, 3, 4, 5])(
  "whatever fails and is killed, nothing is left out and no board overtakes itself: seed %i",
  async (seed) => {
    const random = seededRandom(seed);
    const taken: string[] = [];
    const known = new Set<string>();
    let said = 0;
    const sinkOf = (): Sink => ({
      window: randomInteger(random, 1, 6),
      async send(message, id) {
        for (let i = randomInteger(random, 0, 3); i > 0; i--)
          await new Promise((resolve) => setImmediate(resolve));
        if (random() < 0.05) throw new Error("gone before it came");
        // As a broker that drops what it has had by its id.
        if (!known.has(id)) taken.push(id);
        known.add(id);
        if (random() < 0.05) throw new Error("gone after it came");
        return message.n;
      },
    });
    let one = await forwarder();
    one.begin(sinkOf());
    for (let round = 0; round < 40; round++) {
      for (let i = randomInteger(random, 0, 10); i > 0; i--)
        void appendTo(store, `b${randomInteger(random, 1, 4)}`, ++said);
      await new Promise((resolve) => setTimeout(resolve, 1));
      one.wake();
      if (random() < 0.2) {
        one.pause();
        one.begin(sinkOf());
      }
      if (random() < 0.1) {
        one.pause(); // killed: what it said for later may be lost
        one = await forwarder();
        one.begin(sinkOf());
      }
    }
    one.pause();
    const good = new HeldSink();
    one.begin(good);
    await until(() => {
      for (const flight of [...good.flying]) {
        if (!known.has(flight.id)) taken.push(flight.id);
        known.add(flight.id);
        flight.take();
      }
      one.wake();
      expect([store.next - 1, one.view().behind]).toEqual([said, 0]);
    });
    const all = await store.read(1, said);
    for (const board of ["b1", "b2", "b3", "b4"]) {
      const of = (id: string) => id.startsWith(`${board}:`);
      expect(taken.filter(of)).toEqual(all.map(idOf).filter(of));
    }
  },
);
