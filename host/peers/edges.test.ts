/** Boards, their requests and the book of those at their edges: no room, no store, nobody of that number. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import { Admission } from "../admission/admission.ts";
import { openKeys } from "../admission/key-store.ts";
import { Pairing } from "../admission/pairing.ts";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import type { Carrier } from "../session/carrier.ts";
import { ServerExchange } from "../session/server-exchange.ts";
import { SessionServer } from "../session/session-server.ts";
import { nowhere } from "../session/wire.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { FaultyDatabase } from "../store/faulty-database.ts";
import { MemoryDatabase } from "../store/memory-database.ts";
import { openTestStore } from "../testing/stores.ts";
import { DeviceTable } from "./device-table.ts";
import { Outbound } from "./outbound.ts";
import type { PeerContext } from "./peer-context.ts";
import { RequestBook } from "./request-book.ts";
import { MAX_PENDING, Requests } from "./requests.ts";

const clock = { now: () => 0, wall: () => 1_795_301_705_120 };
const TIMEOUT_MS = 60_000;
let database: FaultyDatabase;
let store: DurableStore;
let book: RequestBook;

beforeEach(async () => {
  database = new FaultyDatabase(new MemoryDatabase());
  store = await openTestStore(database);
  book = new RequestBook(store, clock);
  await book.load();
});
afterEach(() => store.stop());

describe("a request", () => {
  let requests: Requests;
  beforeEach(() => {
    const outbound = new Outbound("b", store, book, clock, () => ({ hello: null, epoch: "e" }));
    requests = new Requests("b", book, () => 1000, outbound);
  });
  afterEach(() => requests.stop());
  const add = (message: { ot: string; [field: string]: unknown } = { ot: "l:led" }) =>
    requests.add(message, TIMEOUT_MS, clock.wall() + TIMEOUT_MS);

  test("above as many as may wait is refused, until one of them is over", async () => {
    const tickets = await Promise.all(Array.from({ length: MAX_PENDING }, () => add()));
    expect([requests.open, requests.depth]).toEqual([MAX_PENDING, MAX_PENDING]);
    await expect(add()).rejects.toMatchObject({
      code: "QUEUE_FULL",
      message: `sending l:led to b: ${MAX_PENDING} requests wait, ${MAX_PENDING} allowed`,
    });
    expect(requests.cancel(tickets[0].rq)).toBe(true);
    await tickets[0].outcome;
    await add();
  });

  test("that is larger than the board takes is refused with both sizes", async () => {
    await expect(add({ ot: "l:led", text: "x".repeat(1000) })).rejects.toMatchObject({
      code: "REQUEST_TOO_BIG",
      message: expect.stringMatching(
        /^sending l:led to b: the request has 10\d\d bytes, this board takes 1000$/,
      ),
    });
    expect(requests.open).toBe(0);
  });

  test("that nobody made is answered by nobody, and cannot be withdrawn", () => {
    expect(requests.changesOf({ re: 7 } as never)).toEqual([]);
    requests.answer({ re: 7 } as never);
    expect([requests.cancel(7), requests.hasLeft(7), requests.whenStopped(7)]).toEqual([
      ...[false, false, undefined],
    ]);
  });
});

describe("the book of requests", () => {
  const accept = async (key?: string) => {
    const asked = { device: "b", message: { ot: "l:led" }, deadline: clock.wall() + 5, timeoutMs: 5 };
    const { rq, accepted } = book.accept({ ...asked, ...(key !== undefined && { key }) });
    await accepted;
    return rq;
  };

  test("knows nothing of a number that it has not given", () => {
    expect([book.outcome(7), book.view(7), book.facts(7), book.isOpen(7)]).toEqual([
      ...[undefined, undefined, undefined, false],
    ]);
    expect([book.changes(7, { outcome: "cancelled" }), book.sent(7, true)]).toEqual([[], []]);
    book.end(7, { outcome: "cancelled" });
    book.waitsAgain(7, true);
    expect(book.views()).toEqual([]);
  });

  test("tells of a request that waits and of one that is over by when each was to be answered", async () => {
    const rq = await accept("k");
    const facts = { key: "k", isSent: false, acceptedAt: clock.wall(), deadline: clock.wall() + 5 };
    expect(book.facts(rq)).toEqual(facts);
    const outcome = book.outcome(rq);
    book.conclude(rq, { outcome: "delivered", reply: { re: rq } as never });
    expect(await outcome).toMatchObject({ outcome: "delivered" });
    expect(book.facts(rq)).toEqual({ ...facts, isSent: true });
    expect(await book.outcome(rq)).toMatchObject({ outcome: "delivered" });
    expect(book.facts(await accept())).not.toHaveProperty("key");
  });

  test("keeps ten thousand outcomes; the key of one that goes is free, unless it stands for a newer one", async () => {
    const first = await accept("gone");
    const second = await accept("again");
    for (const rq of [first, second]) book.end(rq, { outcome: "cancelled" });
    const newer = await accept("again");
    const others = await Promise.all(Array.from({ length: 10_000 }, () => accept()));
    for (const rq of others) book.end(rq, { outcome: "cancelled" });
    expect([book.view(first), book.view(second), book.byKey("gone")]).toEqual([
      ...[undefined, undefined, undefined],
    ]);
    expect([book.byKey("again"), book.isOpen(newer)]).toEqual([newer, true]);
    expect(book.view(others[0])).toMatchObject({ state: "cancelled" });
  });
});

describe("the table of boards", () => {
  let lines: { code?: string; reason?: string; via?: string }[];
  let table: DeviceTable;
  let server: SessionServer;

  beforeEach(() => {
    lines = [];
    const warn = (fields: { reason?: string }) => {
      if (fields.reason !== undefined) lines.push(fields);
    };
    const context: PeerContext = {
      ...{ id: "gw", store, book, clock, onMessage: () => {}, onChange: () => {} },
      log: { ...silentLog, warn },
    };
    const keys = openKeys("memory");
    keys.draw("keyed");
    const admission = new Admission(keys, new Pairing(keys, clock), { isInsecure: true, isLoopback: false });
    table = new DeviceTable(context, admission);
    const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 1000, expireS: 255, maxPacketBytes: 4096 };
    server = new SessionServer(settings, clock, (session) => table.greet(session));
  });
  afterEach(() => table.stop());

  /** A board's first words over a wire of its own. */
  function say(hello: object, remoteAddress = "", name = "tcp") {
    const carrier: Carrier = {
      ...{ name, remoteAddress, wire: nowhere, gathered: 0 },
      output: () => {},
      settle: () => {},
      settleNow: () => {},
      drop: () => {
        exchange.session = null;
      },
    };
    const exchange = new ServerExchange(carrier, server, {}, null, 0);
    const data = Buffer.from(JSON.stringify({ hello: { seq: 1, rx: 500, max: 100, epoch: "", ...hello } }));
    const bytes = Buffer.concat([Buffer.from("010000", "hex"), Buffer.from([data.length]), data]);
    exchange.hear(bytes, 0, bytes.length, 0);
  }

  test("refuses every board while the store takes nothing, and says why once for each address", async () => {
    database.failing = () => ({ error: new Error("ENOSPC: no space left"), isWritten: false });
    store.put([{ key: "x", value: { n: 1 } }], { onCommitted() {}, onFailed() {} });
    await until(() => expect(store.fault).not.toBeNull());
    for (const address of ["10.0.0.1", "10.0.0.1", "10.0.0.2"]) say({ id: "b" }, address);
    expect(lines.map(({ code }) => code)).toEqual([codeName(Code.STORE_FAILED), codeName(Code.STORE_FAILED)]);
    expect(lines[0].reason).toContain("no space left");
    expect(table.all()).toEqual([]);
    database.failing = null;
    await until(() => expect(store.fault).toBeNull());
    say({ id: "b" }, "10.0.0.1");
    expect(table.all().map(({ id }) => id)).toEqual(["b"]);
  });

  test("of a hundred addresses that were refused the first are forgotten, and told of again", () => {
    for (let n = 0; n < 100; n++) say({ id: "" }, `10.0.0.${n}`);
    say({ id: "" }, "10.0.0.0");
    expect(lines).toHaveLength(100);
    say({ id: "" }, "10.0.1.0"); // one more than are kept
    say({ id: "" }, "10.0.0.0");
    expect(lines).toHaveLength(102);
  });

  test("does not prove itself to a board that has no room for the proof", () => {
    const nonce = Buffer.alloc(16, 1).toString("base64");
    say({ id: "keyed", nonce, rx: 60, max: 60 });
    expect(lines).toMatchObject([{ code: codeName(Code.HELLO_INVALID) }]);
    expect(lines[0].reason).toMatch(/^our hello with its proof has \d+ bytes, keyed takes 60$/);
  });

  test("knows ten thousand boards, and refuses the next by saying so", () => {
    // Each over a cable of its own: what is refused there is not held.
    for (let n = 0; n < 10_000; n++) say({ id: `b-${n}` }, "", `serial ${n}`);
    expect([table.all().length, lines]).toEqual([10_000, []]);
    say({ id: "one-too-many" }, "", "serial more");
    expect(lines).toMatchObject([{ code: codeName(Code.TOO_MANY), reason: "10000 boards are known" }]);
    say({ id: "b-7" }, "", "serial 7 again");
    expect([lines.length, table.counts]).toEqual([1, { boards: 10_000, connected: 10_000 }]);
  });
});
