/** A request can be withdrawn until its first byte leaves, whatever holds it back (iotgw X.1 step 8, session part 4). */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Line, outcomeOf, PeerBench } from "../testing/peer-bench.ts";

const VOID = "\u0002{}";
const EPOCH = "0123456789abcdef";

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

/** A board that has said something in its epoch, and waits. */
async function begin(): Promise<Line> {
  const line = bench.connect(EPOCH);
  await bench.settle();
  bench.said = "";
  return line;
}

/** The requests and cancels that were said, in order. */
const asked = () => [...bench.said.matchAll(/\{[^{}]*\}/g)].map(([text]) => text);
const request = (rq: number, fields = "") => `{"ot":"run",${fields}"rq":${rq}}`;

test("held back by a socket that takes nothing it is cancelled, and its number goes out empty", async () => {
  const { exchange } = await begin();
  exchange.block();
  const ticket = await bench.request();
  const next = await bench.request({ v: 2 });
  const told = outcomeOf(ticket);
  await bench.settle();
  expect(bench.peer.requests.cancel(ticket.rq)).toBe(true);
  await bench.settle();
  expect([told, bench.said]).toEqual([[{ outcome: "cancelled" }], ""]);
  expect([bench.peer.requests.depth, bench.peer.unacknowledged]).toEqual([1, 1]); // the next; the empty number
  exchange.unblock();
  await bench.settle();
  expect(bench.said.startsWith(VOID)).toBe(true);
  expect(asked()).toEqual(["{}", request(next.rq, '"v":2,')]);
});

test("its time may pass so as well: it is expired, and never leaves", async () => {
  const { exchange } = await begin();
  exchange.block();
  const told = outcomeOf(await bench.request({}, 1000));
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual([{ outcome: "expired" }]);
  exchange.unblock();
  await bench.settle();
  expect(bench.said).toBe(VOID);
});

test("what is beyond the window the board announced waits, and can be withdrawn", async () => {
  const line = await begin();
  const filler = { s: "y".repeat(150) };
  const tickets = [];
  for (let i = 0; i < 4; i++) tickets.push(await bench.request(filler));
  await bench.settle();
  const [first, second, third, last] = tickets.map(({ rq }) => request(rq, `"s":"${filler.s}",`));
  expect(asked()).toEqual([first, second]); // of 500 bytes
  bench.peer.requests.cancel(tickets[2].rq);
  line.hear("0001");
  await bench.settle();
  expect(asked()).toEqual([first, second, "{}", last]);
  expect(asked()).not.toContain(third);
});

test("whoever waits until the board has stopped waits for its acknowledgement, over any loss of its line", async () => {
  const line = await begin();
  const { rq } = await bench.request();
  const { requests } = bench.peer;
  expect([requests.hasLeft(rq), requests.whenStopped(rq)]).toEqual([false, undefined]);
  await bench.settle();
  line.hear("0001"); // it has the request
  expect(requests.hasLeft(rq)).toBe(true);
  requests.cancel(rq);
  let isStopped = false;
  void requests.whenStopped(rq)?.then(() => {
    isStopped = true;
  });
  await bench.settle();
  expect(asked().at(-1)).toBe(`{"kill":${rq}}`);
  const { id } = line.exchange.session!;
  line.exchange.end();
  const again = bench.line();
  again.hear(`0110${Buffer.from(id).toString("hex")}01`);
  await bench.settle();
  expect(isStopped).toBe(false);
  again.hear("0001");
  await bench.settle();
  expect(isStopped).toBe(true);
  expect(requests.whenStopped(rq)).toBeUndefined();
});

test("a board that began anew has stopped whatever it did", async () => {
  const line = await begin();
  const { rq } = await bench.request();
  await bench.settle();
  line.exchange.end();
  bench.peer.requests.cancel(rq);
  const stopped = bench.peer.requests.whenStopped(rq);
  bench.connect("fedcba9876543210");
  await bench.settle();
  await expect(stopped).resolves.toBeUndefined();
});

test("a connection that is lost costs nothing: the next one is sent the same bytes again", async () => {
  const line = await begin();
  await bench.request();
  await bench.settle();
  const sent = bench.said;
  const { id } = line.exchange.session!;
  line.exchange.end();
  bench.said = "";
  bench.line().hear(`0110${Buffer.from(id).toString("hex")}01`);
  await bench.settle();
  expect(bench.said.endsWith(sent)).toBe(true);
  expect(bench.peer.unacknowledged).toBe(1);
});

test("cancelled after its session was lost it leaves no more, and the board, which may have it, is told", async () => {
  const { exchange } = await begin();
  const [ticket, other] = [await bench.request({}, 600_000), await bench.request({}, 600_000)];
  await bench.settle();
  exchange.end();
  await vi.advanceTimersByTimeAsync(300_000); // longer than a session lives without a connection
  bench.server.sweep(Date.now());
  expect(bench.peer.serverSession).toBeNull();
  const later = await bench.request();
  bench.said = "";
  for (const { rq } of [later, ticket]) bench.peer.requests.cancel(rq);
  bench.connect(EPOCH);
  await bench.settle();
  expect(bench.said).toMatch(/"seq":1,/);
  expect(asked().slice(1)).toEqual(["{}", request(other.rq), `{"kill":${ticket.rq}}`]);
});

test("cancelled while it is on its way it leaves no second time, should its session be lost", async () => {
  const { exchange } = await begin();
  const ticket = await bench.request();
  await bench.settle();
  bench.peer.requests.cancel(ticket.rq);
  await bench.settle();
  expect(asked()).toEqual([request(ticket.rq), `{"kill":${ticket.rq}}`]);
  exchange.end();
  await vi.advanceTimersByTimeAsync(300_000);
  bench.server.sweep(Date.now());
  bench.said = "";
  bench.connect(EPOCH);
  await bench.settle();
  expect(asked().slice(1)).toEqual(["{}", `{"kill":${ticket.rq}}`]);
});

test("a board that comes back and takes less is not sent what is larger than that", async () => {
  const { exchange } = await begin();
  exchange.end();
  const told = outcomeOf(await bench.request({ s: "y".repeat(100) }));
  const small = await bench.request();
  bench.connect(EPOCH, 100);
  await bench.settle();
  const bytes = request(small.rq, `"s":"${"y".repeat(100)}",`).length;
  expect(told).toEqual([{ outcome: "expired", reason: `the request has ${bytes} bytes, b takes 100` }]);
  expect(asked().slice(1)).toEqual([request(small.rq)]);
});

test("nor what was not yet accepted when it came back", async () => {
  const { exchange } = await begin();
  bench.database.isLate = true;
  const ticket = bench.peer.request({ ot: "run", s: "y".repeat(100) } as { ot: string }, 60_000);
  await bench.settle();
  exchange.end();
  bench.connect(EPOCH, 100);
  await bench.settle();
  bench.database.isLate = false;
  await bench.commit();
  const told = outcomeOf(await ticket);
  await bench.settle();
  expect(told).toEqual([{ outcome: "expired", reason: expect.stringContaining("b takes 100") }]);
  expect(asked().slice(1)).toEqual([]);
});

test("a board that began anew is sent again what it may be, in order and first, and is told to stop nothing", async () => {
  const line = await begin();
  const tickets = [];
  for (let i = 0; i < 3; i++) tickets.push(await bench.request({ retry: true }, 600_000));
  await bench.settle();
  line.hear("0001"); // it has the first
  line.exchange.end();
  bench.peer.requests.cancel(tickets[2].rq);
  const last = await bench.request({}, 600_000);
  expect(bench.peer.requests.depth).toBe(2); // the word to stop the third; the last
  bench.said = "";
  bench.connect("fedcba9876543210");
  await bench.settle();
  const [first, second] = tickets.map(({ rq }) => request(rq, '"retry":true,'));
  expect(asked().slice(1)).toEqual([first, second, request(last.rq)]);
  expect(bench.said).toMatch(/"seq":4,/);
});
