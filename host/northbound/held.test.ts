/** Messages of some boards that the other side does not take: those boards wait aside, all others pass. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import type { DeliveredMessage } from "../store/store.ts";
import { appendTo, openTestStore } from "../testing/stores.ts";
import type { CursorDocument } from "./cursor.ts";
import type { ForwarderOptions } from "./forwarder.ts";
import { Held, idOf, Refusal, type Sink } from "./sink.ts";
import { TestForwarders } from "./testing/forwarders.ts";

type Word = "held" | "never" | "broken";

/** Answers as `say` has it; it counts what it has taken. */
class Other implements Sink {
  window = 8;
  /** 0: it answers at once. */
  takesMs = 0;
  readonly taken: string[] = [];
  /** In the order in which they were handed over. */
  readonly seen: string[] = [];
  say: (message: DeliveredMessage) => Word | undefined = () => undefined;

  async send(message: DeliveredMessage): Promise<number> {
    this.seen.push(idOf(message));
    if (this.takesMs > 0) await new Promise((resolve) => setTimeout(resolve, this.takesMs));
    const word = this.say(message);
    if (word === "held") throw new Held(`${message.device} is forbidden`, "allow it");
    if (word === "never") throw new Refusal("too large");
    if (word === "broken") throw new Error("it is broken");
    return this.taken.push(idOf(message));
  }

  of(device: string): string[] {
    return this.taken.filter((id) => id.startsWith(`${device}:`));
  }
}

let store: DurableStore;
const forwarders = new TestForwarders({ waits: { leastMs: 1, mostMs: 4 } }, 5000);
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(async () => {
  await forwarders.stop();
  await store.stop();
});

const forwarder = (options: Partial<ForwarderOptions> = {}) => forwarders.make({ store, ...options });

const range = (count: number, from = 1) => Array.from({ length: count }, (_, i) => from + i);
/** Each board says so many more, in turn. */
const say = (devices: readonly string[], numbers: readonly number[]) =>
  Promise.all(numbers.flatMap((seq) => devices.map((device) => appendTo(store, device, seq))));
const idsOf = (device: string, numbers: readonly number[]) => numbers.map((seq) => `${device}:e:${seq}`);
/** So that what was said for later is in the store. */
const commit = () => appendTo(store, "~clock", store.next);
const document = async () => (await store.records<CursorDocument>("up/test"))[0][1];
const forbid =
  (...devices: string[]) =>
  ({ device }: DeliveredMessage) =>
    devices.includes(device) ? "held" : undefined;

test("one board that is held for ever holds up nobody, though more of its messages wait than are read ahead", async () => {
  await say(["a", "b"], range(400));
  const other = new Other();
  other.say = forbid("a");
  const one = await forwarder();
  one.begin(other);
  await until(() => expect(other.of("b")).toEqual(idsOf("b", range(400))));
  await until(() => expect(one.view().behind).toBe(400));
  expect(one.view()).toMatchObject({
    ...{ fault: "", oldestAt: 0 },
    aside: [{ device: "a", behind: 400, fault: "a is forbidden", mend: "allow it", since: 5000 }],
  });
  expect(other.of("a")).toEqual([]);
  other.say = () => undefined;
  await until(() => expect(one.view()).toMatchObject({ behind: 0, aside: [], fault: "" }));
  expect(other.of("a")).toEqual(idsOf("a", range(400)));
  expect(other.taken).toHaveLength(800);
});

test("a board that has caught up is one of the others again", async () => {
  await say(["a", "b"], range(3));
  const other = new Other();
  other.say = forbid("a");
  const one = await forwarder();
  one.begin(other);
  await until(() => expect(one.view()).toMatchObject({ behind: 3, aside: [{ behind: 3 }] }));
  other.say = () => undefined;
  await until(() => expect(one.view()).toMatchObject({ behind: 0, aside: [] }));
  await say(["a", "b"], [4, 5]);
  one.wake();
  await until(() => expect(one.view().behind).toBe(0));
  expect([other.of("a"), other.of("b")]).toEqual([idsOf("a", range(5)), idsOf("b", range(5))]);
});

test("the next process goes on where each of them stood; an earlier version at the least of all", async () => {
  await say(["b"], [1]);
  await say(["a", "b"], range(3, 2));
  const other = new Other();
  other.say = forbid("a");
  const one = await forwarder();
  one.begin(other);
  await until(() => expect(one.view()).toMatchObject({ behind: 3, aside: [{ behind: 3 }] }));
  await one.stop(0);
  await commit();
  const kept = await document();
  expect(kept).toEqual({
    ...{ next: 2, reached: 8, missed: 0, refused: 0, place: expect.any(Number) },
    aside: [{ device: "a", next: 2, count: 3, place: expect.any(Number), since: 5000 }],
  });
  const next = await forwarder();
  expect(next.view()).toMatchObject({
    behind: 4,
    aside: [{ device: "a", behind: 3, fault: "", since: 5000 }],
  });
  const after = new Other();
  next.begin(after);
  await until(() => expect(next.view()).toMatchObject({ behind: 0, aside: [] }));
  expect([...after.taken].sort()).toEqual([...idsOf("a", range(3, 2)), "~clock:e:8"]);
  // What an earlier version knows of it: it repeats, and leaves nothing out.
  const { aside: _, reached: __, ...known } = kept;
  await new Promise<void>((resolve, reject) =>
    store.put([{ key: "up/test", value: known }], { onCommitted: resolve, onFailed: reject }),
  );
  const earlier = new Other();
  const old = await forwarder();
  old.begin(earlier);
  await until(() => expect(old.view().behind).toBe(0));
  expect(earlier.of("a")).toEqual(idsOf("a", range(3, 2)));
});

test("a document without what is aside is read as it is", async () => {
  await say(["a"], range(5));
  const value = { next: 3, missed: 1, refused: 2, place: 7, side: "s1" };
  await new Promise<void>((resolve, reject) =>
    store.put([{ key: "up/test", value }], { onCommitted: resolve, onFailed: reject }),
  );
  const one = await forwarder();
  expect(one.view()).toMatchObject({ behind: 3, missed: 1, refused: 2, aside: [] });
  expect([one.placeOfCursor, one.sideOfCursor, one.first, one.reached]).toEqual([7, "s1", 3, 3]);
});

test("a board that fails now and then while it catches up begins each time with the shortest wait, and without its old fault", async () => {
  await say(["a", "b"], range(30));
  const other = new Other();
  other.say = forbid("a");
  // Were each longer than the last one, it would take weeks.
  const one = await forwarder({ waits: { leastMs: 1, mostMs: 2 ** 31 - 1 } });
  one.begin(other);
  await until(() => expect(one.view()).toMatchObject({ behind: 30, aside: [{ fault: "a is forbidden" }] }));
  const failed = new Set<number>();
  const faults: string[] = [];
  other.say = ({ device, seq }) => {
    if (device !== "a" || failed.has(seq)) return undefined;
    faults.push(one.view().aside[0].fault);
    failed.add(seq);
    return "broken";
  };
  await until(() => expect(one.view()).toMatchObject({ behind: 0, aside: [] }));
  expect(other.of("a")).toEqual(idsOf("a", range(30)));
  expect(faults).toEqual(["a is forbidden", ...range(29).map(() => "")]);
});

test("what is refused or not accepted of a board aside is passed over, in its order", async () => {
  await say(["a", "b"], range(3));
  const other = new Other();
  other.say = forbid("a");
  const one = await forwarder({ accepts: ({ device, seq }) => device !== "a" || seq !== 5 });
  one.begin(other);
  await until(() => expect(one.view()).toMatchObject({ behind: 3, aside: [{ behind: 3 }] }));
  await say(["a", "b"], range(3, 4));
  one.wake();
  await until(() => expect(one.view()).toMatchObject({ behind: 6, aside: [{ behind: 6 }] }));
  other.say = ({ device, seq }) => (device === "a" && seq === 4 ? "never" : undefined);
  await until(() => expect(one.view()).toMatchObject({ behind: 0, refused: 1, missed: 0 }));
  expect(other.of("a")).toEqual(idsOf("a", [1, 2, 3, 6]));
});

test("a board that is held stays aside over a break, and is tried at once on the next connection", async () => {
  await say(["a", "b"], range(3));
  const other = new Other();
  other.say = forbid("a");
  const one = await forwarder({ waits: { leastMs: 600_000, mostMs: 600_000 } });
  one.begin(other);
  await until(() => expect(one.view()).toMatchObject({ behind: 3, aside: [{ behind: 3 }] }));
  one.pause();
  await say(["b"], [4]);
  expect(one.view()).toMatchObject({ behind: 4, aside: [{ device: "a", behind: 3 }] });
  other.say = () => undefined;
  one.begin(other);
  await until(() => expect(one.view()).toMatchObject({ behind: 0, aside: [] }));
  expect(other.of("a")).toEqual(idsOf("a", range(3)));
});

describe("an error that does not say whose it is", () => {
  test("is the board's own once the same message has failed three times and others passed in between", async () => {
    await say(["a", "b"], range(300));
    const other = new Other();
    other.say = ({ device }) => (device === "a" ? "broken" : undefined);
    const one = await forwarder();
    one.begin(other);
    await until(() => expect(one.view()).toMatchObject({ aside: [{ device: "a", fault: "it is broken" }] }));
    await until(() => expect(other.of("b")).toHaveLength(300));
    expect(one.view().fault).toBe("");
    other.say = () => undefined;
    await until(() => expect(one.view()).toMatchObject({ behind: 0, aside: [] }));
    expect(other.of("a")).toEqual(idsOf("a", range(300)));
  });

  test("is everybody's while nothing is taken, however often it comes", async () => {
    await say(["a", "b", "c"], range(3));
    const other = new Other();
    other.say = () => "broken";
    const one = await forwarder();
    one.begin(other);
    await until(() => other.seen.length > 40);
    expect(one.view()).toMatchObject({ behind: 9, fault: "it is broken", aside: [] });
    other.say = () => undefined;
    await until(() => expect(one.view()).toMatchObject({ behind: 0, fault: "" }));
  });

  test("gives the others their turn first, where one place is all there is", async () => {
    await say(["a", "b"], range(4));
    const other = new Other();
    other.window = 1;
    other.say = ({ device }) => (device === "a" ? "broken" : undefined);
    const one = await forwarder();
    one.begin(other);
    await until(() => expect(other.of("b")).toHaveLength(4));
  });

  test("holds its board where all that is read ahead is its own", async () => {
    await say(["a"], range(600));
    await say(["b"], [1]);
    const other = new Other();
    other.say = ({ device }) => (device === "a" ? "broken" : undefined);
    const one = await forwarder();
    one.begin(other);
    await until(() => expect(other.of("b")).toHaveLength(1));
  });
});

test("while one place is all there is, a board that catches up and the others take turns", async () => {
  await say(["a", "b"], range(100));
  const other = new Other();
  other.window = 1;
  other.say = forbid("a");
  const one = await forwarder();
  one.begin(other);
  await until(() => expect(one.view().aside).toMatchObject([{ behind: 100 }]));
  one.pause();
  await say(["b"], range(100, 101));
  other.say = () => undefined;
  // Longer than it takes to read what comes next.
  other.takesMs = 3;
  one.begin(other);
  await until(() => expect(one.view().behind).toBe(0));
  const last = (device: string) => other.taken.lastIndexOf(`${device}:e:${device === "a" ? 100 : 200}`);
  // Neither had to wait until the other was through.
  expect(Math.abs(last("a") - last("b"))).toBeLessThan(50);
});

test("more boards than 64 are no matter of boards: all wait, until there is room for them again", async () => {
  const boards = range(70).map((i) => `h${i}`);
  await say(boards, [1, 2]);
  await say(["b"], range(3));
  const other = new Other();
  other.say = ({ device }) => (device === "b" ? undefined : "held");
  const one = await forwarder();
  one.begin(other);
  await until(() => expect(one.view().aside).toHaveLength(64));
  await until(() => expect(one.view().fault).toMatch(/^h\d+ is forbidden$/));
  other.say = () => undefined;
  await until(() => expect(one.view()).toMatchObject({ behind: 0, aside: [], fault: "" }));
  for (const board of boards) expect(other.of(board)).toEqual(idsOf(board, [1, 2]));
});

test("where every board is held, nothing is taken: that is a fault of the whole, too", async () => {
  await say(["a", "b"], [1]);
  const other = new Other();
  other.say = () => "held";
  const one = await forwarder();
  one.begin(other);
  await until(() => expect(one.view()).toMatchObject({ behind: 2, aside: [{}, {}] }));
  expect(one.view().fault).toMatch(/is forbidden$/);
  other.say = forbid("a");
  await until(() => expect(one.view()).toMatchObject({ fault: "", aside: [{ device: "a" }] }));
});

test("what the store gives up of a board aside is missed: nearly all meanwhile, exactly once it has caught up", async () => {
  await store.stop();
  store = await openTestStore(undefined, { maxMessages: 100 });
  const other = new Other();
  other.say = forbid("a");
  const one = await forwarder();
  one.begin(other);
  for (const seq of range(300)) {
    await say(["a", "b"], [seq]);
    one.wake();
    if (seq % 10 === 0) await until(() => expect(other.of("b")).toHaveLength(seq));
  }
  const given = () => 300 - 50;
  await until(() => expect(one.view().missed).toBeGreaterThan(given() - 40));
  expect(one.view().missed).toBeLessThanOrEqual(given());
  other.say = () => undefined;
  await until(() => expect(one.view()).toMatchObject({ behind: 0, aside: [] }));
  expect(other.of("b")).toHaveLength(300);
  expect(one.view().missed + other.of("a").length).toBe(300);
  expect(other.of("a")).toEqual(idsOf("a", range(other.of("a").length, 301 - other.of("a").length)));
});

test("the place is the least of all, and that of a board which is refused once more moves on", async () => {
  await say(["a", "b"], [1]);
  const other = new Other();
  other.say = forbid("a");
  let standing = 100;
  const counted: Sink = {
    window: 8,
    send: async (message) => {
      await other.send(message);
      return ++standing;
    },
  };
  const one = await forwarder();
  one.begin(counted, { side: "s1", place: 100 });
  await until(() => expect(one.view()).toMatchObject({ behind: 1, aside: [{ behind: 1 }] }));
  await say(["b"], range(9, 2));
  one.wake();
  await until(() => expect(other.of("b")).toHaveLength(10));
  await until(() => expect(one.placeOfCursor).toBe(110));
  // Nothing is known of what was on its way when the connection broke.
  one.pause();
  expect(one.placeOfCursor).toBe(110);
  one.begin(counted, { side: "s2", place: 0 });
  await until(() => expect(one.view().aside).toMatchObject([{ fault: "a is forbidden" }]));
  expect([one.placeOfCursor, one.sideOfCursor]).toEqual([0, "s2"]);
});

test("the others' place is not that of a board aside, nor is its own theirs", async () => {
  await say(["a", "b"], [1]);
  const other = new Other();
  other.say = forbid("a");
  const one = await forwarder({ waits: { leastMs: 600_000, mostMs: 600_000 } });
  let standing = 10;
  const counted: Sink = { window: 8, send: (message) => other.send(message).then(() => ++standing) };
  one.begin(counted, { side: "s1", place: 10 });
  await until(() => expect(one.view()).toMatchObject({ behind: 1, aside: [{ behind: 1 }] }));
  await say(["b"], range(9, 2));
  one.wake();
  await until(() => expect(other.of("b")).toHaveLength(10));
  expect(one.placeOfCursor).toBeLessThan(12);
});

test("what is kept in memory is bounded while one board is held and others say 100 000 messages", async () => {
  const other = new Other();
  other.window = 64;
  other.say = forbid("a");
  const one = await forwarder();
  one.begin(other);
  let most = 0;
  for (const round of range(100)) {
    const devices = ["a", ...range(20).map((i) => `b${i}`)];
    await say(devices, range(50, round * 50));
    one.wake();
    most = Math.max(most, one.kept);
  }
  await until(() => {
    most = Math.max(most, one.kept);
    expect(other.taken).toHaveLength(100_000);
  });
  expect(one.view().aside).toMatchObject([{ device: "a", behind: 5000 }]);
  expect(most).toBeLessThan(17_000);
  expect(one.kept).toBeLessThan(100);
}, 60_000);
