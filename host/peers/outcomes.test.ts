/** What becomes of requests while the store commits late, or fails. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Admission } from "../admission/admission.ts";
import { openKeys } from "../admission/key-store.ts";
import { Pairing } from "../admission/pairing.ts";
import { silentLog } from "../platform/log.ts";
import type { Carrier } from "../session/carrier.ts";
import { ServerExchange } from "../session/server-exchange.ts";
import { SessionServer } from "../session/session-server.ts";
import { nowhere } from "../session/wire.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { LateDatabase } from "../testing/late-database.ts";
import { openTestStore } from "../testing/stores.ts";
import { DeviceTable } from "./device-table.ts";
import { RequestBook } from "./request-book.ts";
import type { Ticket } from "./requests.ts";

let database: LateDatabase;
let store: DurableStore;
let book: RequestBook;
let table: DeviceTable;
let server: SessionServer;
let said: string;

beforeEach(async () => {
  vi.useFakeTimers();
  database = new LateDatabase();
  await startGateway();
});
afterEach(() => {
  table.stop();
  vi.useRealTimers();
});

/** Over the same database: the one before was killed. */
async function startGateway(): Promise<void> {
  const clock = { now: () => Date.now(), wall: () => Date.now() };
  database.isLate = false;
  store = await openTestStore(database);
  book = new RequestBook(store, clock);
  const keys = openKeys("memory");
  const admission = new Admission(keys, new Pairing(keys, clock), { isInsecure: true, isLoopback: false });
  const context = { id: "gw", store, book, clock, log: silentLog, onMessage() {}, onChange() {} };
  table = new DeviceTable(context, admission);
  await table.load();
  const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 4096 };
  server = new SessionServer(settings, clock, (session) => table.greet(session));
  said = "";
}

/** All that follows at once. */
const settle = () => vi.advanceTimersByTimeAsync(5);
const commit = async () => {
  await settle();
  database.commit();
  await settle();
};

/** A board says hello; returns what it says next. */
function connect(epoch = ""): (message: object) => void {
  const carrier: Carrier = {
    name: "tcp",
    remoteAddress: "",
    wire: nowhere,
    output: (bytes, start, end) => {
      said += Buffer.from(bytes.slice(start, end)).toString("latin1");
    },
    settle() {},
    gathered: 0,
    settleNow() {},
    drop() {
      exchange.session = null;
    },
  };
  const exchange = new ServerExchange(carrier, server, {}, null, 0);
  const hear = (bytes: Buffer) => exchange.hear(bytes, 0, bytes.length, Date.now());
  const say = (message: object) => {
    const data = Buffer.from(JSON.stringify(message));
    hear(Buffer.concat([Buffer.from([data.length]), data]));
  };
  hear(Buffer.from([1, 0, 0]));
  say({ hello: { id: "b", epoch, seq: 1, rx: 500, max: 200 } });
  hear(Buffer.from([0, 1])); // it has the gateway's
  return say;
}

async function request(fields: object = {}, timeoutMs = 60_000): Promise<Ticket> {
  const ticket = table.get("b")!.request({ ot: "run", ...fields }, timeoutMs);
  await Promise.race([ticket, settle()]);
  return ticket;
}

/** A request that the board has. */
async function sendRequest(fields: object = {}, timeoutMs?: number): Promise<Ticket> {
  const ticket = await request(fields, timeoutMs);
  await settle();
  expect(said).toContain(`"rq":${ticket.rq}`);
  return ticket;
}

const outcomeOf = (ticket: Ticket) => {
  const seen: unknown[] = [];
  void ticket.outcome.then((outcome) => seen.push(outcome));
  return seen;
};

test("an outcome is told once it is written: a gateway killed before comes to one outcome, too", async () => {
  connect();
  const ticket = await sendRequest({}, 1000);
  database.isLate = true;
  const told = outcomeOf(ticket);
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual([]);
  await commit();
  expect(told).toEqual([{ outcome: "unknown", reason: "no answer in time" }]);
});

test("a reply that is on its way to the store is not overtaken by the deadline", async () => {
  const say = connect();
  const ticket = await sendRequest({}, 1000);
  const told = outcomeOf(ticket);
  database.isLate = true;
  say({ re: ticket.rq, v: 1 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual([]);
  await commit();
  expect(told).toEqual([{ outcome: "delivered", reply: { re: ticket.rq, v: 1 } }]);
  await startGateway();
  expect(await book.outcome(ticket.rq)).toEqual({ outcome: "delivered", reply: { re: ticket.rq, v: 1 } });
});

test("a reply that the store could not take does not end its request, whose deadline counts again", async () => {
  const say = connect();
  const ticket = await sendRequest({}, 1000);
  const told = outcomeOf(ticket);
  database.isLate = true;
  say({ re: ticket.rq, v: 1 });
  await vi.advanceTimersByTimeAsync(1000);
  database.fail();
  database.isLate = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual([{ outcome: "unknown", reason: "no answer in time" }]);
});

test("a number that could not be written is written once the store can, and its packet leaves", async () => {
  connect();
  await settle();
  const ticket = await request();
  database.isLate = true;
  await settle();
  database.fail();
  database.isLate = false;
  await settle();
  expect(said).not.toContain(`"rq":${ticket.rq}`);
  await vi.advanceTimersByTimeAsync(1000);
  expect(said).toContain(`"rq":${ticket.rq}`);
});

test("numbers whose commit failed leave nothing that a later gateway could stumble on", async () => {
  connect();
  await settle();
  await Promise.all([request(), request(), request()]);
  database.isLate = true;
  await settle();
  database.fail();
  database.isLate = false;
  await vi.advanceTimersByTimeAsync(1000);
  await startGateway();
  connect();
  await settle();
  expect(said).toMatch(/"seq":4,/); // a life that names no epoch is sent nothing of what went before
});

test("a request that was not accepted is not sent by a later gateway", async () => {
  connect();
  await settle();
  database.isLate = true;
  const refused = request().catch((error) => error.code);
  await settle();
  database.fail();
  expect(await refused).toBe("STORE_FAILED");
  database.isLate = false;
  await vi.advanceTimersByTimeAsync(1000);
  await commit();
  await startGateway();
  expect(book.views()).toEqual([]);
});

test("a key belongs to what was asked with it, also when that is over and the gateway another", async () => {
  const say = connect();
  const ticket = table
    .get("b")!
    .request({ ot: "run", v: 1 } as { ot: string }, 1000, { key: "a-key-of-mine" });
  const asks = (...asked: [string, object][]) => {
    const rq = book.byKey("a-key-of-mine")!;
    return asked.map(([device, message]) => book.asks(rq, device, message));
  };
  const all = [
    ["b", { ot: "run", v: 1 }],
    ["b", { ot: "run", v: 2 }],
    ["c", { ot: "run", v: 1 }],
  ] satisfies [string, object][];
  expect(asks(...all)).toEqual([true, false, false]);
  await settle();
  const { rq, outcome } = await ticket;
  say({ re: rq });
  await settle();
  expect(await outcome).toMatchObject({ outcome: "delivered" });
  expect(asks(...all)).toEqual([true, false, false]);
  await startGateway();
  expect(asks(...all)).toEqual([true, false, false]);
});

test("who asks with the key of a request that is not safe yet waits until it is, and is refused with it", async () => {
  connect();
  await settle();
  database.isLate = true;
  const failed = table.get("b")!.request({ ot: "run" }, 1000, { key: "a-key-of-mine" });
  const told: string[] = [];
  book.whenAccepted(book.byKey("a-key-of-mine")!).then(
    () => told.push("accepted"),
    ({ code }) => told.push(code),
  );
  await settle();
  expect(told).toEqual([]);
  database.fail();
  await expect(failed).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect(told).toEqual(["STORE_FAILED"]);
});

test("requests to a store that takes nothing leave nothing behind", async () => {
  connect();
  await settle();
  database.isLate = true;
  const failed = request().catch(() => {});
  await settle();
  database.fail();
  await failed;
  database.isLate = false;
  const written = vi.spyOn(database, "write");
  for (let i = 0; i < 100; i++) await expect(request()).rejects.toThrow("the test fails it");
  await vi.advanceTimersByTimeAsync(1000);
  await request();
  await settle();
  expect(Math.max(...written.mock.calls.map(([changes]) => changes.length))).toBeLessThan(20);
});

test("a request whose time is over before it is accepted is refused or expires, and is not both", async () => {
  connect();
  await settle();
  database.isLate = true;
  const device = table.get("b")!;
  const refused = device.request({ ot: "run" }, 100).catch((error) => error.code);
  await vi.advanceTimersByTimeAsync(200);
  database.fail();
  expect(await refused).toBe("STORE_FAILED");
  database.isLate = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(book.views()).toEqual([]);
  database.isLate = true;
  const accepted = device.request({ ot: "run" }, 100);
  await vi.advanceTimersByTimeAsync(200);
  database.isLate = false;
  await commit();
  await settle();
  expect(await (await accepted).outcome).toEqual({ outcome: "expired" });
  await startGateway();
  expect(book.views()).toHaveLength(1);
});

test("a request that left for a life that is over may have been done, though it does not leave for the next", async () => {
  connect();
  const ticket = await sendRequest({ retry: true }, 1000);
  const told = outcomeOf(ticket);
  database.isLate = true;
  connect();
  await vi.advanceTimersByTimeAsync(1000);
  database.isLate = false;
  await commit();
  expect(told).toEqual([{ outcome: "unknown", reason: "b began anew" }]);
});

test("a request that is withdrawn while its reply is on its way to the store is withdrawn when that fails", async () => {
  const say = connect();
  const ticket = await sendRequest();
  const told = outcomeOf(ticket);
  database.isLate = true;
  say({ re: ticket.rq, v: 1 });
  await settle();
  expect(table.get("b")!.requests.cancel(ticket.rq)).toBe(false);
  database.fail();
  database.isLate = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual([{ outcome: "cancelled" }]);
});

test("a board that began anew is told no number that a later gateway could begin below", async () => {
  connect();
  await settle();
  const ticket = await request({ retry: true });
  database.isLate = true;
  await settle();
  said = "";
  connect();
  expect(said).toMatch(/"seq":1,/);
  await startGateway();
  connect("0123456789abcdef");
  await settle();
  expect(said).toMatch(/"seq":1,/);
  await settle();
  expect(said).toContain(`"rq":${ticket.rq}`);
});

test("a board that names no epoch may be another life than the one it was sent to: the outcome is unknown", async () => {
  connect();
  const [ticket, again] = [await sendRequest(), await sendRequest({ retry: true })];
  const told = outcomeOf(ticket);
  said = "";
  connect();
  await settle();
  expect(told).toEqual([{ outcome: "unknown", reason: "b began anew" }]);
  expect(said).toContain(`"rq":${again.rq}`);
  expect(said).not.toContain(`"rq":${ticket.rq}`);
});
