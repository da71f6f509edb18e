/** A commit that fails may be in the store after all: what was refused is not done later, what has a number keeps it. */
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { FaultyDatabase } from "../store/faulty-database.ts";
import { MemoryDatabase } from "../store/memory-database.ts";
import { OpenSession } from "../testing/open-session.ts";
import { openTestStore } from "../testing/stores.ts";
import { Outbound, type PacketDocument } from "./outbound.ts";
import { RequestBook } from "./request-book.ts";
import { Requests } from "./requests.ts";

const clock = { now: () => performance.now(), wall: () => 1e12 };
const TIMEOUT_MS = 1e6;
const there = { error: new Error("EIO: i/o error, fdatasync"), isWritten: true };

/** What a gateway has for one board, over `disk`. */
class Life {
  readonly outbound: Outbound;
  readonly requests: Requests;
  readonly session = new OpenSession();

  private constructor(
    readonly database: FaultyDatabase,
    readonly store: Awaited<ReturnType<typeof openTestStore>>,
    readonly book: RequestBook,
  ) {
    const document = () => ({ hello: null, epoch: "e" });
    this.outbound = new Outbound("b", store, book, clock, document);
    this.requests = new Requests("b", book, () => 1000, this.outbound);
  }

  static async begin(disk: MemoryDatabase): Promise<Life> {
    const database = new FaultyDatabase(disk);
    const store = await openTestStore(database);
    const book = new RequestBook(store, clock);
    const life = new Life(database, store, book);
    lives.push(life);
    return life;
  }

  add(ot: string) {
    return this.requests.add({ ot }, TIMEOUT_MS, clock.wall() + TIMEOUT_MS);
  }

  /** Gives numbers to what waits, in a commit that fails and is there. */
  async failToNumber(): Promise<void> {
    this.database.failing = () => there;
    this.outbound.open(this.session, false);
    await until(() => expect(this.store.fault).not.toBeNull());
    expect(this.session.sent).toEqual([]);
  }

  async recover(): Promise<void> {
    this.database.failing = null;
    await until(() => expect(this.store.fault).toBeNull());
  }

  async end(): Promise<void> {
    this.requests.stop();
    await this.store.stop();
  }
}

const lives: Life[] = [];
afterEach(async () => {
  for (const life of lives.splice(0)) await life.end();
});

/** What the next gateway finds on its way to the board. */
async function findOnTheWay(disk: MemoryDatabase) {
  const { book, store, outbound, requests } = await Life.begin(disk);
  const open = await book.load();
  const packets = (await store.records<PacketDocument>("o/")).map(
    ([key, packet]): [number, PacketDocument] => [Number.parseInt(key.slice(-14), 16), packet],
  );
  const [[, { nextSeq }] = ["", { nextSeq: 1 }]] = await store.records<{ nextSeq: number }>("d/b");
  const isWhole = outbound.load(nextSeq, packets, requests) !== null;
  return {
    open: open.map(({ message, isSent = false }) => `${message.ot} ${isSent ? "sent" : "waits"}`),
    packets: packets.map(([seq, { text }]) => `${seq} ${JSON.parse(text).ot}`),
    nextSeq,
    isWhole,
  };
}

describe("after a commit that failed and is there", () => {
  test("a request that was refused is not run by the next gateway", async () => {
    const disk = new MemoryDatabase();
    const life = await Life.begin(disk);
    life.database.failing = () => there;
    await expect(life.add("l:led")).rejects.toMatchObject({ code: "STORE_FAILED" });
    await life.recover();
    await life.end();
    expect(await findOnTheWay(disk)).toMatchObject({ open: [], packets: [] });
  });

  test("a number stays its packet's, and the packet leaves once, when the store takes something again", async () => {
    const disk = new MemoryDatabase();
    const life = await Life.begin(disk);
    await life.add("l:led");
    await life.failToNumber();
    await life.recover();
    await until(() => expect(life.session.sent).toEqual([expect.stringContaining("l:led")]));
    await life.add("l:info");
    const both = [expect.stringContaining("l:led"), expect.stringContaining("l:info")];
    await until(() => expect(life.session.sent).toEqual(both));
    await life.end();
    expect(await findOnTheWay(disk)).toEqual({
      open: ["l:led sent", "l:info sent"],
      packets: ["1 l:led", "2 l:info"],
      nextSeq: 3,
      isWhole: true,
    });
  });

  test("a request that is cancelled meanwhile keeps its number, and loses its content", async () => {
    const disk = new MemoryDatabase();
    const life = await Life.begin(disk);
    const [first] = [await life.add("l:led"), await life.add("l:info")];
    await life.failToNumber();
    life.requests.cancel(first.rq);
    await life.recover();
    await until(() => expect(life.session.sent).toEqual(["{}", expect.stringContaining("l:info")]));
    await life.end();
    expect(await findOnTheWay(disk)).toMatchObject({ open: ["l:info sent"], nextSeq: 3, isWhole: true });
  });
});
