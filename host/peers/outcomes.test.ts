/** What becomes of requests while the store commits late, or fails. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { outcomeOf, PeerBench } from "../testing/peer-bench.ts";
import type { Ticket } from "./requests.ts";

let bench: PeerBench;
beforeEach(async () => {
  vi.useFakeTimers();
  bench = new PeerBench();
  await bench.start();
});
afterEach(() => {
  bench.stop();
  vi.useRealTimers();
});

/** A board says hello; returns what it says next. */
const connect = (epoch?: string) => bench.connect(epoch).say;

/** A request that the board has. */
async function sendRequest(fields: object = {}, timeoutMs?: number): Promise<Ticket> {
  const ticket = await bench.request(fields, timeoutMs);
  await bench.settle();
  expect(bench.said).toContain(`"rq":${ticket.rq}`);
  return ticket;
}

test("an outcome is told once it is written: a gateway killed before comes to one outcome, too", async () => {
  connect();
  const ticket = await sendRequest({}, 1000);
  bench.database.isLate = true;
  const told = outcomeOf(ticket);
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual([]);
  await bench.commit();
  expect(told).toEqual([{ outcome: "unknown", reason: "no answer in time" }]);
});

test("a reply that is on its way to the store is not overtaken by the deadline", async () => {
  const say = connect();
  const ticket = await sendRequest({}, 1000);
  const told = outcomeOf(ticket);
  bench.database.isLate = true;
  say({ re: ticket.rq, v: 1 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual([]);
  await bench.commit();
  expect(told).toEqual([{ outcome: "delivered", reply: { re: ticket.rq, v: 1 } }]);
  const facts = bench.book.facts(ticket.rq);
  expect(facts).toMatchObject({ isSent: true, deadline: facts!.acceptedAt + 1000 });
  await bench.start();
  expect(await bench.book.outcome(ticket.rq)).toEqual({
    outcome: "delivered",
    reply: { re: ticket.rq, v: 1 },
  });
  expect(bench.book.facts(ticket.rq)).toEqual(facts);
});

test("a reply that the store could not take does not end its request, whose deadline counts again", async () => {
  const say = connect();
  const ticket = await sendRequest({}, 1000);
  const told = outcomeOf(ticket);
  bench.database.isLate = true;
  say({ re: ticket.rq, v: 1 });
  await vi.advanceTimersByTimeAsync(1000);
  bench.database.fail();
  bench.database.isLate = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual([{ outcome: "unknown", reason: "no answer in time" }]);
});

test("a number that could not be written is written once the store can, and its packet leaves", async () => {
  connect();
  await bench.settle();
  const ticket = await bench.request();
  bench.database.isLate = true;
  await bench.settle();
  bench.database.fail();
  bench.database.isLate = false;
  await bench.settle();
  expect(bench.said).not.toContain(`"rq":${ticket.rq}`);
  await vi.advanceTimersByTimeAsync(1000);
  expect(bench.said).toContain(`"rq":${ticket.rq}`);
});

test("numbers whose commit failed leave nothing that a later gateway could stumble on", async () => {
  connect();
  await bench.settle();
  await Promise.all([bench.request(), bench.request(), bench.request()]);
  bench.database.isLate = true;
  await bench.settle();
  bench.database.fail();
  bench.database.isLate = false;
  await vi.advanceTimersByTimeAsync(1000);
  await bench.start();
  connect();
  await bench.settle();
  expect(bench.said).toMatch(/"seq":4,/); // a life that names no epoch is sent nothing of what went before
});

test("a request that was not accepted is not sent by a later gateway", async () => {
  connect();
  await bench.settle();
  bench.database.isLate = true;
  const refused = bench.request().catch((error) => error.code);
  await bench.settle();
  bench.database.fail();
  expect(await refused).toBe("STORE_FAILED");
  bench.database.isLate = false;
  await vi.advanceTimersByTimeAsync(1000);
  await bench.commit();
  await bench.start();
  expect(bench.book.views()).toEqual([]);
});

test("a key belongs to what was asked with it, also when that is over and the gateway another", async () => {
  const say = connect();
  const ticket = bench.peer.request({ ot: "run", v: 1 } as { ot: string }, 1000, { key: "a-key-of-mine" });
  const asks = (...asked: [string, object][]) => {
    const rq = bench.book.byKey("a-key-of-mine")!;
    return asked.map(([device, message]) => bench.book.asks(rq, device, message));
  };
  const all = [
    ["b", { ot: "run", v: 1 }],
    ["b", { ot: "run", v: 2 }],
    ["c", { ot: "run", v: 1 }],
  ] satisfies [string, object][];
  expect(asks(...all)).toEqual([true, false, false]);
  await bench.settle();
  const { rq, outcome } = await ticket;
  say({ re: rq });
  await bench.settle();
  expect(await outcome).toMatchObject({ outcome: "delivered" });
  expect(asks(...all)).toEqual([true, false, false]);
  await bench.start();
  expect(asks(...all)).toEqual([true, false, false]);
});

test("who asks with the key of a request that is not safe yet waits until it is, and is refused with it", async () => {
  connect();
  await bench.settle();
  bench.database.isLate = true;
  const failed = bench.peer.request({ ot: "run" }, 1000, { key: "a-key-of-mine" });
  const told: string[] = [];
  bench.book.whenAccepted(bench.book.byKey("a-key-of-mine")!).then(
    () => told.push("accepted"),
    ({ code }) => told.push(code),
  );
  await bench.settle();
  expect(told).toEqual([]);
  bench.database.fail();
  await expect(failed).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect(told).toEqual(["STORE_FAILED"]);
});

test("requests to a store that takes nothing leave nothing behind", async () => {
  connect();
  await bench.settle();
  bench.database.isLate = true;
  const failed = bench.request().catch(() => {});
  await bench.settle();
  bench.database.fail();
  await failed;
  bench.database.isLate = false;
  const written = vi.spyOn(bench.database, "write");
  for (let i = 0; i < 100; i++) await expect(bench.request()).rejects.toThrow("the test fails it");
  await vi.advanceTimersByTimeAsync(1000);
  await bench.request();
  await bench.settle();
  expect(Math.max(...written.mock.calls.map(([changes]) => changes.length))).toBeLessThan(20);
});

test("a request whose time is over before it is accepted is refused or expires, and is not both", async () => {
  connect();
  await bench.settle();
  bench.database.isLate = true;
  const device = bench.peer;
  const refused = device.request({ ot: "run" }, 100).catch((error) => error.code);
  await vi.advanceTimersByTimeAsync(200);
  bench.database.fail();
  expect(await refused).toBe("STORE_FAILED");
  bench.database.isLate = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(bench.book.views()).toEqual([]);
  bench.database.isLate = true;
  const accepted = device.request({ ot: "run" }, 100);
  await vi.advanceTimersByTimeAsync(200);
  bench.database.isLate = false;
  await bench.commit();
  await bench.settle();
  expect(await (await accepted).outcome).toEqual({ outcome: "expired" });
  await bench.start();
  expect(bench.book.views()).toHaveLength(1);
});

test("a request that left for a life that is over may have been done, though it does not leave for the next", async () => {
  connect();
  const ticket = await sendRequest({ retry: true }, 1000);
  const told = outcomeOf(ticket);
  bench.database.isLate = true;
  connect();
  await vi.advanceTimersByTimeAsync(1000);
  bench.database.isLate = false;
  await bench.commit();
  expect(told).toEqual([{ outcome: "unknown", reason: "b began anew" }]);
});

test("a request that is withdrawn while its reply is on its way to the store is withdrawn when that fails", async () => {
  const say = connect();
  const ticket = await sendRequest();
  const told = outcomeOf(ticket);
  bench.database.isLate = true;
  say({ re: ticket.rq, v: 1 });
  await bench.settle();
  expect(bench.peer.requests.cancel(ticket.rq)).toBe(false);
  bench.database.fail();
  bench.database.isLate = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual([{ outcome: "cancelled" }]);
});

test("a board that began anew is told no number that a later gateway could begin below", async () => {
  connect();
  await bench.settle();
  const ticket = await bench.request({ retry: true });
  bench.database.isLate = true;
  await bench.settle();
  bench.said = "";
  connect();
  expect(bench.said).toMatch(/"seq":1,/);
  await bench.start();
  connect("0123456789abcdef");
  await bench.settle();
  expect(bench.said).toMatch(/"seq":1,/);
  await bench.settle();
  expect(bench.said).toContain(`"rq":${ticket.rq}`);
});

test("a board that names no epoch may be another life than the one it was sent to: the outcome is unknown", async () => {
  connect();
  const [ticket, again] = [await sendRequest(), await sendRequest({ retry: true })];
  const told = outcomeOf(ticket);
  bench.said = "";
  connect();
  await bench.settle();
  expect(told).toEqual([{ outcome: "unknown", reason: "b began anew" }]);
  expect(bench.said).toContain(`"rq":${again.rq}`);
  expect(bench.said).not.toContain(`"rq":${ticket.rq}`);
});
