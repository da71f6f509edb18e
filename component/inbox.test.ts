/** What has arrived outlives the thread that does the work. */
import { expect, test } from "vitest";
import type { Message } from "../host/monique/message.ts";
import { Inbox } from "./inbox.ts";

const message = (id: string, fields: Partial<Message> = {}): Message => ({
  id,
  pid: "",
  creator: "me",
  created_at: 1,
  expires_at: 0,
  spec: "example_sum",
  encoding: "JSON",
  type: "config",
  data: Buffer.from("[1,2,3,4]"), // 9 bytes
  ...fields,
});

/** An inbox whose deliveries and losses are lines. */
function start(limits = { messages: 100, bytes: 1000 }) {
  const lines: string[] = [];
  let now = 1000;
  const events = {
    onDeliver: (n: number, { id }: Message) => void lines.push(`${n} ${id}`),
    onLost: ({ id }: Message, why: string) => void lines.push(`${id} ${why}`),
  };
  const inbox = new Inbox(events, () => now, limits);
  const arrive = (id: string, fields: Partial<Message> = {}) => {
    const one = message(id, fields);
    inbox.arrive("hub", `${one.type}:${one.spec}:${id}::me`, one);
  };
  const give = (id: string) => inbox.arrive("controller", `config:example_sum:${id}::me`, message(id));
  const take = () => lines.splice(0);
  const wait = (ms: number) => {
    now += ms;
  };
  return { inbox, arrive, give, take, wait };
}

const sums = { from: "hub", topics: ["config:example_sum:"] } as const;
const news = { from: "hub", topics: ["data:"] } as const;

test("a source is given as many as it asks for, in order, of what its topics begin", () => {
  const { inbox, arrive, take } = start();
  inbox.open(1, sums);
  inbox.open(2, news);
  for (const id of ["a", "b"]) arrive(id);
  arrive("n", { type: "data" });
  arrive("longer", { spec: "example_sum-2" });
  expect(take()).toEqual([]);
  inbox.want(1);
  inbox.want(2);
  expect(take()).toEqual(["1 a", "2 n"]);
  inbox.want(1);
  inbox.want(1);
  arrive("c");
  expect(take()).toEqual(["1 b", "1 c"]);
  inbox.want(9); // closed long ago
});

test("each source that asks for it is given it", () => {
  const { inbox, arrive, take } = start();
  for (const n of [1, 2]) inbox.open(n, { from: "hub", topics: [n === 1 ? "" : "config:example_sum:"] });
  arrive("a");
  for (const n of [1, 2]) inbox.want(n);
  expect(take()).toEqual(["1 a", "2 a"]);
  inbox.done(1, "a");
  expect([inbox.holds("a"), inbox.done(2, "a")?.id, inbox.holds("a")]).toEqual([true, "a", false]);
});

test("the controller's tasks are for whoever asks for those", () => {
  const { inbox, take } = start();
  inbox.open(1, { from: "hub", topics: [""] });
  inbox.open(2, { from: "controller" });
  inbox.want(1);
  inbox.want(2);
  inbox.arrive("controller", "config:example_sum:a::me", message("a"));
  expect(take()).toEqual(["2 a"]);
});

test("after a new beginning what was held and what waited is given in the order of arrival, but for what is over", () => {
  const { inbox, arrive, take } = start();
  inbox.open(1, sums);
  for (const id of ["a", "b", "c", "d"]) arrive(id);
  for (let i = 0; i < 3; i++) inbox.want(1);
  inbox.done(1, "b");
  take();
  expect(inbox.held().map(({ id }) => id)).toEqual(["a", "c"]);
  inbox.restart((id) => id === "c");
  arrive("e"); // nobody asks for it yet
  inbox.open(7, sums);
  for (let i = 0; i < 5; i++) inbox.want(7);
  expect(take()).toEqual(["7 a", "7 d", "7 e"]);
  expect([inbox.holds("a"), inbox.holds("c")]).toEqual([true, false]);
});

test("what waits can be withdrawn, what is held cannot", () => {
  const { inbox, arrive, take } = start();
  inbox.open(1, sums);
  for (const id of ["a", "b", "c"]) arrive(id);
  inbox.want(1);
  expect([inbox.withdraw("a"), inbox.withdraw("b")?.id, inbox.withdraw("b")]).toEqual([
    undefined,
    "b",
    undefined,
  ]);
  inbox.want(1);
  expect(take()).toEqual(["1 a", "1 c"]);
});

test("work that is about to end is given nothing more: that waits for the next", () => {
  const { inbox, arrive, take } = start();
  inbox.open(1, sums);
  inbox.want(1);
  inbox.stall();
  arrive("a");
  expect(take()).toEqual([]);
  inbox.restart(() => true);
  inbox.open(2, sums);
  inbox.want(2);
  expect(take()).toEqual(["2 a"]);
});

test("what has expired is not given", () => {
  const { inbox, arrive, take, wait } = start();
  inbox.open(1, sums);
  arrive("a", { expires_at: 1500 });
  arrive("b", { expires_at: 1501 });
  wait(500);
  inbox.want(1);
  expect(take()).toEqual(["a expired", "1 b"]);
});

test("above a mark it is lost what nobody asks for, else the oldest of whom most waits; what is held takes no room", () => {
  const { inbox, arrive, take } = start({ messages: 3, bytes: 1000 });
  arrive("unclaimed", { type: "result" });
  inbox.open(1, sums);
  inbox.open(2, news);
  inbox.want(1);
  for (const id of ["held", "a", "b", "c"]) arrive(id);
  expect(take()).toEqual(["1 held", "unclaimed full"]);
  arrive("n", { type: "data" });
  expect(take()).toEqual(["a full"]);
});

test("half full it is of the controller's tasks alone: news that nobody takes keep none of them away", () => {
  const { inbox, arrive, give } = start({ messages: 4, bytes: 1000 });
  inbox.open(1, news);
  inbox.open(2, { from: "controller" });
  for (const id of ["a", "b", "c", "d"]) arrive(id, { type: "data" });
  expect(inbox.isHalfFull).toBe(false);
  give("t");
  expect(inbox.isHalfFull).toBe(false);
  give("u");
  expect(inbox.isHalfFull).toBe(true);
  inbox.want(2);
  expect(inbox.isHalfFull).toBe(false);
});

test("after a new beginning each of several sources is given what it had not done, and what comes while they are opened", () => {
  const { inbox, arrive, take } = start();
  const all = { from: "hub", topics: [""] } as const;
  inbox.open(1, all);
  inbox.open(2, sums);
  for (const id of ["a", "b", "c"]) arrive(id);
  for (const n of [1, 2, 1]) inbox.want(n);
  inbox.done(1, "a"); // source 2 has it still
  take();
  inbox.restart(() => false);
  arrive("between");
  inbox.open(7, all);
  for (let i = 0; i < 5; i++) inbox.want(7);
  arrive("later");
  expect(take()).toEqual(["7 b", "7 c", "7 between", "7 later"]);
  inbox.open(8, sums);
  for (let i = 0; i < 6; i++) inbox.want(8);
  expect(take()).toEqual(["8 a", "8 b", "8 c", "8 between", "8 later"]);
});

test("work that ends before it asked for anything leaves what waits to the next; what another source was given is no loss", () => {
  const { inbox, arrive, take } = start({ messages: 2, bytes: 1000 });
  inbox.open(1, news);
  inbox.open(2, sums);
  arrive("a");
  inbox.restart(() => false);
  inbox.restart(() => false);
  inbox.open(1, sums);
  inbox.want(1);
  expect(take()).toEqual(["1 a"]);
  // The source of news is not opened again, and what would be for it as well takes no room from others.
  inbox.restart(() => false);
  inbox.open(3, { from: "hub", topics: [""] });
  for (const id of ["b", "c", "d"]) {
    inbox.want(3);
    arrive(id);
  }
  expect(take().filter((line) => line.includes("full"))).toEqual([]);
});

test("what waits for a source of the controller waits on when it is closed, with what was on its way to it", () => {
  const { inbox, give, take } = start();
  inbox.open(1, { from: "controller" });
  for (const id of ["a", "b", "c"]) give(id);
  inbox.want(1);
  inbox.want(1);
  inbox.done(1, "a");
  inbox.close(1);
  give("d");
  inbox.open(2, { from: "controller" });
  for (let i = 0; i < 4; i++) inbox.want(2);
  expect(take()).toEqual(["1 a", "1 b", "2 b", "2 c", "2 d"]);
});

test("a task that the controller gives again, since it began anew itself, is not there twice", () => {
  const { inbox, give, take } = start();
  give("a");
  give("a");
  inbox.open(1, { from: "controller" });
  give("b");
  inbox.want(1);
  for (const id of ["a", "b"]) give(id);
  for (let i = 0; i < 3; i++) inbox.want(1);
  inbox.done(1, "a");
  give("a"); // whether its answer has arrived, only the controller knows
  expect(take()).toEqual(["1 a", "1 b", "1 a"]);
});

test("above a mark of bytes likewise, and one message always has room", () => {
  const { inbox, arrive, take } = start({ messages: 100, bytes: 20 });
  inbox.open(1, sums);
  for (const id of ["a", "b", "c"]) arrive(id);
  arrive("large", { data: Buffer.alloc(50) });
  expect(take()).toEqual(["a full", "b full", "c full"]);
  inbox.want(1);
  expect([take(), inbox.isHalfFull]).toEqual([["1 large"], false]);
});

test("a source that is closed gives up what waits for it, and what it held is forgotten", () => {
  const { inbox, arrive, take } = start({ messages: 2, bytes: 1000 });
  inbox.open(1, sums);
  for (const id of ["a", "b"]) arrive(id);
  inbox.want(1);
  inbox.close(1);
  expect([inbox.holds("a"), inbox.isHalfFull]).toEqual([false, false]);
  inbox.open(2, sums);
  inbox.want(2);
  expect(take()).toEqual(["1 a"]);
});
