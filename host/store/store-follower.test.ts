/** Readers that follow a store: everything once, in order, whatever it gives up and whenever they are woken. */
import { afterEach, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import type { DeliveredMessage } from "./store.ts";
import { type Page, readPage, StoreFollower } from "./store-follower.ts";

const message = (n: number) =>
  ({ n, device: "a", epoch: "e", seq: n, at: 0, message: {} }) as DeliveredMessage;

/** Holds what it is told to hold; a reading takes until the test lets it go on. */
class FakeStore {
  next = 1;
  oldest = 1;
  reads = 0;
  isBroken = false;
  gate: Promise<void> = Promise.resolve();

  say(count: number): void {
    this.next += count;
  }

  async read(from: number, limit: number): Promise<DeliveredMessage[]> {
    this.reads++;
    const first = Math.max(from, this.oldest);
    const end = Math.min(this.next, first + limit);
    const found = Array.from({ length: Math.max(0, end - first) }, (_, i) => message(first + i));
    await this.gate;
    if (this.isBroken) throw new Error("broken");
    return found;
  }
}

let follower: StoreFollower;
afterEach(() => follower?.stop());

/** One that writes down numbers, and gaps as "from-to". */
function follow(store: FakeStore, room = () => 3) {
  const told: (number | string)[] = [];
  const faults: string[] = [];
  const take = ({ messages, gaps }: Page) => {
    for (const { from, to } of gaps) told.push(`${from}-${to}`);
    for (const { n } of messages) told.push(n);
  };
  follower = new StoreFollower({ store, room, take, onFault: (error) => faults.push(String(error)) });
  return { told, faults };
}

test("it reads on by pages until all is read, and on when it is woken", async () => {
  const store = new FakeStore();
  const { told } = follow(store);
  store.say(7);
  follower.wake();
  await until(() => expect(told).toEqual([1, 2, 3, 4, 5, 6, 7]));
  store.say(1);
  follower.wake();
  await until(() => expect(told.at(-1)).toBe(8));
  expect(store.reads).toBe(4);
});

test("what comes, and who wakes it, while it reads is not missed, and nothing is read twice", async () => {
  const store = new FakeStore();
  const { told } = follow(store);
  let open = () => {};
  store.gate = new Promise((resolve) => {
    open = resolve;
  });
  store.say(1);
  follower.wake();
  store.say(2);
  follower.wake();
  follower.wake();
  open();
  await until(() => expect(told).toEqual([1, 2, 3]));
});

test("what the store gave up is told with its numbers: before a page, and all that there was", async () => {
  const store = new FakeStore();
  store.say(9);
  store.oldest = 5;
  expect(await readPage(store, 2, 3)).toMatchObject({ gaps: [{ from: 2, to: 5 }], end: 8 });
  store.oldest = 10;
  expect(await readPage(store, 2, 3)).toEqual({ messages: [], gaps: [{ from: 2, to: 10 }], end: 10 });
  expect(await readPage(store, 10, 3)).toEqual({ messages: [], gaps: [], end: 10 });
  const { told } = follow(store);
  follower.next = 4;
  follower.wake();
  await until(() => expect(told).toEqual(["4-10"]));
});

test("without room nothing is read; what a page had no room for is read again when it is woken", async () => {
  const store = new FakeStore();
  let room = 0;
  follow(store, () => room);
  store.say(3);
  await follower.catchUp();
  expect(store.reads).toBe(0);
  room = 2;
  const pages: Page[] = [];
  const take = (page: Page) => {
    pages.push(page);
    if (pages.length === 1) follower.next = 2;
  };
  follower = new StoreFollower({ store, room: () => room, take, onFault: () => {} });
  await follower.catchUp();
  expect(pages.map(({ end }) => end)).toEqual([3]);
  await follower.catchUp();
  expect(pages.map(({ messages }) => messages.map(({ n }) => n))).toEqual([
    [1, 2],
    [2, 3],
  ]);
});

test("put elsewhere while it reads, it takes nothing of that, and goes on from there when it is woken", async () => {
  const store = new FakeStore();
  const { told } = follow(store);
  let open = () => {};
  store.gate = new Promise((resolve) => {
    open = resolve;
  });
  store.say(5);
  follower.wake();
  follower.next = 4;
  follower.wake();
  open();
  await until(() => expect(told).toEqual([4, 5]));
});

test("a fault is told once, and it reads on from the same message when it is woken; after stop() none is", async () => {
  const store = new FakeStore();
  const { told, faults } = follow(store);
  store.say(1);
  store.isBroken = true;
  follower.wake();
  await until(() => expect(faults).toEqual(["Error: broken"]));
  store.isBroken = false;
  follower.wake();
  await until(() => expect(told).toEqual([1]));
  store.isBroken = true;
  store.say(1);
  follower.wake();
  follower.stop();
  await follower.catchUp();
  expect([faults.length, told]).toEqual([1, [1]]);
});

test("a page that could not be taken is read again, from its first message on", async () => {
  const store = new FakeStore();
  const taken: number[] = [];
  let fails = true;
  const take = ({ messages }: Page) => {
    if (fails) throw new Error("full");
    for (const { n } of messages) taken.push(n);
  };
  const onFault = () => {
    fails = false;
  };
  follower = new StoreFollower({ store, room: () => 3, take, onFault });
  store.say(2);
  follower.wake();
  await until(() => expect(fails).toBe(false));
  follower.wake();
  await until(() => expect(taken).toEqual([1, 2]));
});
