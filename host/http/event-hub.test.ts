import { afterEach, beforeEach, expect, test } from "vitest";
import type { EventReader } from "./testing/event-reader.ts";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { ServerUnderTest } from "./testing/server-under-test.ts";

let gateway: FakeGateway;
let http: ServerUnderTest;
const readers: EventReader[] = [];

beforeEach(async () => {
  gateway = new FakeGateway();
  http = await new ServerUnderTest(gateway).start();
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  await http.stop();
});

async function open(query = "", headers?: Record<string, string>): Promise<EventReader> {
  const token = `token=read-token-0123456789`;
  const reader = await http.events(`/api/v1/events?${token}${query}`, headers && { headers });
  readers.push(reader);
  return reader;
}

function deliver(count: number): void {
  for (let i = 0; i < count; i++) gateway.deliver({ ot: "l:temp", v: i });
}

const numbersOf = async (reader: EventReader, count: number) =>
  (await reader.take(count)).map(({ data }) => data.n);

test("a stream begins with who answers and goes on with what is delivered from now", async () => {
  deliver(3);
  const reader = await open();
  expect(reader.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(await reader.next()).toEqual({
    event: "gateway",
    id: "3",
    data: { gateway: "pi-kitchen", version: "0.1.0", epoch: expect.any(String), next: 4, oldest: 1 },
  });
  const delivered = gateway.deliver({ ot: "l:temp", v: 22.5 });
  expect(await reader.next()).toEqual({ event: "message", id: "4", data: delivered });
});

test("?from replays the store and goes on live, each message once", async () => {
  deliver(250);
  const reader = await open("&from=1");
  const first = numbersOf(reader, 300);
  deliver(50);
  expect(await first).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
});

test("a client that comes again with Last-Event-ID misses nothing and sees nothing twice", async () => {
  const seen: number[] = [];
  let lastId = "0";
  for (let round = 0; round < 20; round++) {
    deliver(7);
    const reader = await open("&from=1", { "last-event-id": lastId });
    deliver(4);
    for (const { id, data } of await reader.take(round + 1 < 20 ? 5 : 20 * 11 - seen.length)) {
      seen.push(data.n);
      lastId = id!;
    }
    reader.close();
  }
  expect(seen).toEqual(Array.from({ length: 220 }, (_, i) => i + 1));
});

test("a number this store never gave is of an earlier life: the client is shown all of this one", async () => {
  deliver(2);
  const reader = await open("", { "last-event-id": "500" });
  expect(await numbersOf(reader, 2)).toEqual([1, 2]);
});

test("messages that were given up are told as a gap", async () => {
  deliver(10);
  gateway.store.dropBefore(8);
  const reader = await open("&from=3");
  await reader.next();
  expect(await reader.next()).toEqual({ event: "gap", id: "7", data: { from: 3, to: 7 } });
  expect(await numbersOf(reader, 3)).toEqual([8, 9, 10]);
});

test("a board that changes is shown as it is at last", async () => {
  const reader = await open();
  await reader.next();
  gateway.change("sim-1", { connected: false });
  gateway.change("sim-1", { connected: true, missing: 2 });
  gateway.change("sim-2");
  const [first, second] = await reader.take(2, "device");
  expect(first.data).toEqual(gateway.devices[0]);
  expect(first.id).toBeUndefined();
  expect(second.data.id).toBe("sim-2");
});

test("lines of IRC are told as they pass, in order", async () => {
  const reader = await open();
  await reader.next();
  gateway.hearIrc("in", ":ann!a@h PRIVMSG gw :!status");
  gateway.hearIrc("out", "PRIVMSG ann :sim-1 up");
  const lines = (await reader.take(2, "irc")).map(({ data }) => data);
  expect(lines).toEqual([...gateway.ircLines].reverse());
});

test("a stream ends with the server", async () => {
  const reader = await open();
  await reader.next();
  await http.stop();
  expect(await reader.next()).toBeUndefined();
});

test("a Last-Event-ID that is no number is refused", async () => {
  const [status, { error }] = await http.get("/api/v1/events?token=read-token-0123456789", {
    headers: { "last-event-id": "abc" },
  });
  expect([status, error.code]).toEqual([400, "QUERY_INVALID"]);
});

test("there are so many streams and no more, and one that is closed makes room", async () => {
  for (let i = 0; i < 100; i++) await (await open()).next();
  const [status, { error }] = await http.get("/api/v1/events");
  expect([status, error.code]).toEqual([503, "STREAMS_FULL"]);
  readers[0].close();
  await expect.poll(async () => (await open()).response.status).toBe(200);
});
