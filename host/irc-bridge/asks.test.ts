/** Requests from IRC: done at most once whatever restarts, and answered in the commit that forgets them. */
import { beforeEach, expect, test } from "vitest";
import { type Outcome, RequestBook } from "../peers/request-book.ts";
import { BowlineError } from "../platform/errors.ts";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { FaultyDatabase } from "../store/faulty-database.ts";
import { MemoryDatabase } from "../store/memory-database.ts";
import type { RecordChange } from "../store/store.ts";
import { openTestStore } from "../testing/stores.ts";
import { type AskDocument, Asks, type Refusal } from "./asks.ts";

let database: FaultyDatabase;
let store: DurableStore;
let wall: number;
/** Keys of requests that came to a board, over all lives. */
let done: string[];
let answers: [device: string, end: Outcome | Refusal][];
/** Who was answered. */
let answered: string[];
/** Why boards take no request. */
let refusal: Error | null;
/** What a request waits for on its way to its board. */
let way: Promise<void>;
let operators: Set<string>;
/** false: answers are on their way into the store. */
let isKept: boolean;
/** What is thrown once, where an answer is to be made. */
let wordless: Error | null;

beforeEach(async () => {
  database = new FaultyDatabase(new MemoryDatabase());
  store = await openTestStore(database);
  wall = 1_000_000;
  done = [];
  answers = [];
  answered = [];
  refusal = null;
  way = Promise.resolve();
  operators = new Set(["ann", "bob"]);
  isKept = true;
  wordless = null;
});

const clock = { now: () => 0, wall: () => wall };

/** One life of a gateway. `isAlive` false: it was killed, and hears no outcome any more. */
async function life(): Promise<{ asks: Asks; book: RequestBook; kill(): void }> {
  const book = new RequestBook(store, clock);
  await book.load();
  let isAlive = true;
  const asks = new Asks({
    ...{ store, book, clock, log: silentLog },
    submit: async (device, message, timeoutMs, { key }) => {
      await way;
      if (refusal !== null) throw refusal;
      const { rq, accepted } = book.accept({ device, message, deadline: wall + timeoutMs, timeoutMs, key });
      await accepted;
      done.push(key);
      return { rq, outcome: book.outcome(rq)! };
    },
    cancel: (rq) => {
      const isOpen = book.isOpen(rq);
      if (isOpen) book.conclude(rq, { outcome: "cancelled" });
      return isOpen;
    },
    mayAsk: (who) => operators.has(who),
    answer: (ask: AskDocument, end, changes: RecordChange[], onKept) => {
      if (!isAlive) return;
      const fault = wordless;
      wordless = null;
      if (fault !== null) throw fault;
      answers.push([ask.device, end]);
      answered.push(ask.nick);
      if (isKept) store.keep(changes, onKept);
    },
  });
  await asks.load();
  const kill = () => {
    isAlive = false;
  };
  return { asks, book, kill };
}

const document = (more: Partial<AskDocument> = {}): AskDocument => ({
  ...{ network: "n", nick: "ann", channel: null, who: "ann", device: "sim-1", message: { ot: "l:led" } },
  ...{ deadline: wall + 30_000, addedAt: wall, style: "words", re: 17, src: "", dst: "", ...more },
});

const kept = async () => (await store.records("iq/")).map(([key]) => key);
const reply = { outcome: "delivered", reply: { re: 1, on: true } } as const;

test("a request is kept before it is its board's, and forgotten with its answer", async () => {
  const { asks, book } = await life();
  asks.start();
  expect(await asks.accept("k", document())).toBeNull();
  expect(await kept()).toEqual(["iq/k"]);
  await until(() => done.length === 1);
  book.conclude(book.byKey("irc k")!, reply);
  await until(async () => (await kept()).length === 0);
  expect([answers, asks.depth]).toEqual([[["sim-1", reply]], 0]);
});

test("killed before it came to its board, or before the answer was kept: done once, answered once", async () => {
  const first = await life();
  expect(await first.asks.accept("k", document())).toBeNull();
  expect(done).toEqual([]);
  const second = await life();
  second.asks.start();
  await until(() => done.length === 1);
  second.kill();
  second.book.conclude(second.book.byKey("irc k")!, reply);
  await until(async () => (await store.records("x/")).length === 1);
  const third = await life();
  third.asks.start();
  await until(() => answers.length === 1);
  expect([answers, done]).toEqual([[["sim-1", reply]], ["irc k"]]);
});

test("said again while it waits it is the same, and after its end it has the same answer", async () => {
  const { asks, book } = await life();
  asks.start();
  await asks.accept("k", document());
  expect(await asks.accept("k", document())).toBeNull();
  await until(() => done.length === 1);
  book.conclude(book.byKey("irc k")!, reply);
  await until(() => asks.depth === 0);
  expect(await asks.accept("k", document())).toBeNull();
  await until(() => answers.length === 2);
  expect([answers[1], done]).toEqual([["sim-1", reply], ["irc k"]]);
});

test("its time is over before it came to its board: never done", async () => {
  const first = await life();
  await first.asks.accept("k", document());
  wall += 30_000;
  const { asks } = await life();
  asks.start();
  await until(() => answers.length === 1);
  expect([answers[0][1], done]).toEqual([
    { outcome: "expired", reason: "its time was over when it came to its board" },
    [],
  ]);
});

test("who asked withdraws it, by either number; nobody else does", async () => {
  const { asks } = await life();
  asks.start();
  await asks.accept("k", document());
  await until(() => done.length === 1);
  expect([asks.cancel("bob", 17), asks.cancel("ann", 18)]).toEqual([false, false]);
  expect(asks.cancel("ann", "17")).toBe(true);
  await until(() => answers.length === 1);
  expect(answers).toEqual([["sim-1", { outcome: "cancelled" }]]);
  expect(asks.cancel("ann", 17)).toBe(false);
});

test("a number is first what its asker calls a request so, also when that is answered already", async () => {
  const { asks, book } = await life();
  asks.start();
  await asks.accept("k", document({ re: "first" }));
  await until(() => done.length === 1);
  const rq = book.byKey("irc k")!;
  await asks.accept("l", document({ re: rq, device: "sim-2" }));
  await until(() => done.length === 2);
  expect(asks.cancel("ann", rq)).toBe(true);
  await until(() => answers.length === 1);
  expect(answers).toEqual([["sim-2", { outcome: "cancelled" }]]);
  await until(() => asks.depth === 1);
  expect(asks.cancel("ann", rq)).toBe(true);

  await asks.accept("m", document({ re: "third", device: "sim-3" }));
  await until(() => done.length === 3);
  const next = book.byKey("irc m")!;
  await asks.accept("n", document({ re: next, device: "sim-4" }));
  await until(() => done.length === 4);
  isKept = false;
  book.conclude(book.byKey("irc n")!, reply);
  await until(() => answers.some(([device]) => device === "sim-4"));
  expect(asks.cancel("ann", next)).toBe(false);
});

test("the next gateway asks in the order in which they were taken, first what earlier ones kept without one", async () => {
  const old = (
    [
      ["b", 2],
      ["a", 3],
      ["c", 1],
    ] as const
  ).map(([key, addedAt]) => ({
    key: `iq/${key}`,
    value: document({ addedAt }),
  }));
  await new Promise<void>((onCommitted, onFailed) => store.put(old, { onCommitted, onFailed }));
  const first = await life();
  for (const key of ["z", "y"]) await first.asks.accept(key, document());
  const second = await life();
  await second.asks.accept("x", document());
  // Said again it stays where it is.
  await second.asks.accept("z", document());
  const third = await life();
  third.asks.start();
  await until(() => done.length === 6);
  expect(done.map((key) => key.slice(-1)).join("")).toBe("cbazyx");
});

test("one whose outcome cannot be put into words is answered with that, and forgotten", async () => {
  const { asks, book } = await life();
  asks.start();
  await asks.accept("k", document());
  await until(() => done.length === 1);
  wordless = new TypeError("no words");
  book.conclude(book.byKey("irc k")!, reply);
  await until(async () => (await kept()).length === 0);
  expect(answers).toEqual([["sim-1", { refused: "INTERNAL", reason: expect.any(String) }]]);
  expect(asks.depth).toBe(0);
});

test("what a board refuses is answered; what the store does not take is refused, and leaves nothing behind", async () => {
  const { asks } = await life();
  asks.start();
  refusal = new BowlineError("REQUEST_TOO_BIG", "too big");
  await asks.accept("k", document());
  await until(() => answers.length === 1);
  expect(answers[0][1]).toEqual({ refused: "REQUEST_TOO_BIG", reason: "too big" });
  database.failing = () => ({ error: new Error("IO error"), isWritten: true });
  expect(await asks.accept("l", document())).toMatchObject({ refused: "STORE_FAILED" });
  database.failing = null;
  await until(async () => store.fault === null && (await kept()).length === 0);
  expect(done).toEqual([]);
});

test("one that the store kept from its board waits for it to take something again", async () => {
  const { asks } = await life();
  asks.start();
  refusal = new BowlineError("STORE_FAILED", "the disk");
  await asks.accept("k", document());
  await until(() => asks.depth === 1);
  refusal = null;
  await until(() => {
    asks.start();
    return done.length === 1;
  });
});

test("a store that is too low for another gateway's board refuses the request, and nobody waits for it", async () => {
  const { asks } = await life();
  asks.start();
  refusal = new BowlineError("STORE_LOW", "no room");
  await asks.accept("k", document());
  await until(() => answers.length === 1);
  expect(answers[0][1]).toEqual({ refused: "STORE_LOW", reason: "no room" });
});

test("who is no operator any more when the next gateway starts has nothing done; what is at its board is answered", async () => {
  const first = await life();
  await first.asks.accept("k", document());
  const second = await life();
  await second.asks.accept("l", document());
  second.asks.start();
  await until(() => done.length === 2);
  second.kill();
  await first.asks.accept("m", document({ who: "bob" }));
  operators.delete("ann");
  operators.delete("bob");
  const third = await life();
  third.book.conclude(third.book.byKey("irc k")!, reply);
  third.asks.start();
  await until(() => answers.length === 2);
  third.book.conclude(third.book.byKey("irc l")!, reply);
  await until(() => answers.length === 3);
  expect(answers.map(([, end]) => end)).toEqual([
    { refused: "NOT_ALLOWED", reason: "bob may not ask l:led of sim-1 any more" },
    reply,
    reply,
  ]);
  expect(done).toHaveLength(2);
});

test("one operator has a bounded number of them open", async () => {
  const { asks } = await life();
  for (let i = 0; i < 100; i++) await asks.accept(`k${i}`, document());
  expect(await asks.accept("more", document())).toMatchObject({ refused: "QUEUE_FULL" });
  expect(await asks.accept("other", document({ who: "bob" }))).toBeNull();
});

test("withdrawn before it was on its way it comes to no board; on its way, it is withdrawn there", async () => {
  const { asks } = await life();
  await asks.accept("k", document());
  expect(asks.cancel("ann", 17)).toBe(true);
  asks.start();
  await until(() => answers.length === 1);
  expect([answers, done]).toEqual([[["sim-1", { outcome: "cancelled" }]], []]);

  let arrive = () => {};
  way = new Promise((resolve) => {
    arrive = resolve;
  });
  await asks.accept("l", document({ re: 18, device: "sim-2" }));
  expect(asks.cancel("ann", 18)).toBe(true);
  arrive();
  await until(() => answers.length === 2);
  expect(answers[1]).toEqual(["sim-2", { outcome: "cancelled" }]);
});

test("who has another nick is answered under it; who is called so on another network, or not at all, under their own", async () => {
  const { asks, book } = await life();
  asks.start();
  await asks.accept("k", document({ nick: "Ann" }));
  await asks.accept("l", document({ nick: "ann", network: "m" }));
  await asks.accept("m", document({ nick: "bob" }));
  asks.rename("n", "ann", "anna", (name) => name.toLowerCase());
  await until(() => done.length === 3);
  for (const key of ["k", "l", "m"]) book.conclude(book.byKey(`irc ${key}`)!, reply);
  await until(() => answered.length === 3);
  expect(answered).toEqual(["anna", "ann", "bob"]);
});

test("a fault of ours on the way to its board is answered as one, without a word of what it was", async () => {
  const { asks } = await life();
  asks.start();
  refusal = new TypeError("x is undefined");
  await asks.accept("k", document());
  await until(async () => (await kept()).length === 0);
  const reason = "an internal fault; the gateway's log has it";
  expect(answers).toEqual([["sim-1", { refused: "INTERNAL", reason }]]);
});
