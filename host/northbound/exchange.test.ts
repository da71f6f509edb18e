/** One POST at servers that answer every way there is, byte by byte at a real socket: it settles, and with what was said. */
import { Agent } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { type Answer, exchange } from "./exchange.ts";

/** What the server does at each POST, by its number from 1 on. */
type Ways = (socket: Socket, n: number) => void;

let server: Server;
let ways: Ways;
/** One connection each, as they came; and which of them each POST came over. */
let sockets: Socket[];
let posts: number[];
let stopping: AbortController;
let pool: Agent;
let fresh: Agent;

beforeEach(async () => {
  [sockets, posts, stopping] = [[], [], new AbortController()];
  [pool, fresh] = [new Agent({ keepAlive: true, maxSockets: 1 }), new Agent()];
  server = createServer((socket) => {
    const own = sockets.push(socket);
    socket.on("error", () => {});
    let heard = "";
    socket.setEncoding("latin1").on("data", (piece) => {
      heard += piece;
      if (!heard.endsWith("\r\n\r\n{}")) return;
      heard = "";
      ways(socket, posts.push(own));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  for (const one of [pool, fresh, ...sockets]) one.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** An hour at first: what settles has not waited for its deadline. */
function ask(timeoutS = 3600): Promise<Answer> {
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const { signal } = stopping;
  return exchange({
    url,
    headers: { "content-length": "2" },
    body: Buffer.from("{}"),
    timeoutS,
    pool,
    fresh,
    signal,
  });
}

const head = (status: number, more = "content-length: 2") => `HTTP/1.1 ${status} So\r\n${more}\r\n\r\n`;
const says =
  (text: string): Ways =>
  (socket) =>
    void socket.write(text);
const saysAndEnds =
  (text: string): Ways =>
  (socket) =>
    void socket.end(text);
/** The reset comes behind what was said. */
const saysAndResets =
  (text: string): Ways =>
  (socket) =>
    void socket.write(text, () => socket.resetAndDestroy());
/** A body as fast as it is read, for ever; it begins together with what is said before it. */
const pours =
  (text: string): Ways =>
  (socket) => {
    const more = "x".repeat(16 * 1024);
    const pour = () => {
      while (!socket.destroyed && socket.write(more));
    };
    socket.on("drain", pour);
    socket.write(text + more);
    pour();
  };
/** The same again and again, each once the last one has left. */
const repeats =
  (text: string): Ways =>
  (socket) => {
    const again = () => void (socket.destroyed || socket.write(text, () => setImmediate(again)));
    again();
  };
const areGone = () => until(() => sockets.every(({ destroyed }) => destroyed));

const UPGRADE = "upgrade: websocket\r\nconnection: upgrade";
const none = { text: "", location: "" };

test.each<[string, Ways, Answer]>([
  ["101 with an upgrade", says(head(101, UPGRADE)), { status: 101, ...none }],
  ["101 with an upgrade, ended", saysAndEnds(head(101, UPGRADE)), { status: 101, ...none }],
  ["101 with bytes of another protocol", says(`${head(101, UPGRADE)}\x81\x02hi`), { status: 101, ...none }],
  ["101 without an upgrade", says(head(101, "x: y")), { status: 101, ...none }],
  [
    "1xx before the answer",
    says(`${head(102, "x: y")}${head(103, "x: y")}${head(200)}ok`),
    { status: 200, ...none },
  ],
  ["204", says(head(204, "x: y")), { status: 204, ...none }],
  ["2xx", says(`${head(202)}ok`), { status: 202, ...none }],
  ["2xx, cut", saysAndEnds(`${head(200, "content-length: 100")}half`), { status: 200, ...none }],
  ["2xx, reset", saysAndResets(`${head(200, "content-length: 100")}half`), { status: 200, ...none }],
  ["2xx of no end", says(`${head(200, "transfer-encoding: chunked")}1\r\nx\r\n`), { status: 200, ...none }],
  ["2xx without a body that was told", says(head(200, "content-length: 9")), { status: 200, ...none }],
  [
    "2xx with broken chunks",
    says(`${head(200, "transfer-encoding: chunked")}zz\r\n`),
    { status: 200, ...none },
  ],
  ["500", says(`${head(500)}no`), { status: 500, ...none, text: "no" }],
  ["500, cut", saysAndEnds(`${head(500, "content-length: 9")}no`), { status: 500, ...none, text: "no" }],
  ["500 of no end", says(`${head(500, "content-length: 9")}no`), { status: 500, ...none, text: "no" }],
  ["500 up to its close", saysAndEnds(`${head(500, "x: y")}no`), { status: 500, ...none, text: "no" }],
  [
    "a redirection",
    says(`${head(302, "location: /a\r\ncontent-length: 0")}`),
    { status: 302, text: "", location: "/a" },
  ],
])("it settles at %s", async (_, way, answer) => {
  ways = way;
  expect(await ask()).toEqual(answer);
});

test.each<[string, Ways, RegExp]>([
  ["nothing, and ends", saysAndEnds(""), /socket hang up/],
  ["nothing, and resets", saysAndResets(""), /ECONNRESET|socket hang up/],
  ["half a head, and ends", saysAndEnds("HTTP/1.1 200 OK\r\nx: "), /socket hang up/],
  ["half a head, and resets", saysAndResets("HTTP/1.1 200 OK\r\nx: "), /ECONNRESET|socket hang up/],
  ["102 alone, and ends", saysAndEnds(head(102, "x: y")), /socket hang up/],
  ["what is no HTTP", says("SSH-2.0-server\r\n"), /Parse Error/],
  ["a head of 100 KB", says(head(200, `x: ${"y".repeat(100_000)}`)), /Parse Error|Header overflow/i],
])("there is no answer in %s", async (_, way, why) => {
  ways = way;
  await expect(ask()).rejects.toThrow(why);
  await areGone();
});

test.each<[string, Ways]>([
  ["nothing", () => {}],
  ["half a head", says("HTTP/1.1 200 OK\r\nx: ")],
  ["102 alone", says(head(102, "x: y"))],
  ["102 again and again", repeats(head(102, "x: y"))],
])("who says %s is late, and let go of", async (_, way) => {
  ways = way;
  await expect(ask(0.05)).rejects.toThrow("no answer within 0.05 s (webhooks[].timeoutS)");
  await areGone();
});

test("a server that goes away while it is asked ends it, and so does an end of all connections here", async () => {
  ways = (socket) => void socket.destroy();
  await expect(ask()).rejects.toThrow(/./);
  ways = () => pool.destroy();
  await expect(ask()).rejects.toThrow(/./);
});

test.each([200, 500])(
  "of a %i without end little is read, then its connection is let go of",
  async (status) => {
    ways = pours(head(status, "content-length: 999999999"));
    const asked = ask();
    const [[own = null] = []] = Object.values(pool.sockets).map((each = []) => each);
    const { text } = await asked;
    expect(text).toBe(status === 200 ? "" : "x".repeat(1024));
    await areGone();
    // The bound, and what Node reads at once.
    expect(own?.bytesRead).toBeLessThan(2 * 64 * 1024 + 1024);
  },
);

test("what was taken and ends soon leaves its connection to the next, and so does a refusal with its words", async () => {
  ways = (socket, n) => says([`${head(200)}ok`, `${head(500)}no`, head(204, "x: y")][n - 1])(socket, n);
  for (const status of [200, 500, 204]) expect(await ask()).toMatchObject({ status });
  expect(posts).toEqual([1, 1, 1]);
});

test("what is taken is so with its head, while its body may still come", async () => {
  ways = says(`${head(200, "content-length: 9")}ok`);
  const asked = ask();
  const own = Object.values(pool.sockets)[0]?.[0];
  await asked;
  expect(own?.destroyed).toBe(false);
});

test("a connection that changes its protocol is let go of", async () => {
  ways = says(head(101, UPGRADE));
  await ask();
  await areGone();
});

test("what was taken and does not end lets the next one pass, over another connection", async () => {
  ways = says(`${head(200, "content-length: 9")}ok`);
  for (const _ of [1, 2, 3]) expect(await ask()).toMatchObject({ status: 200 });
  expect(posts).toEqual([1, 2, 3]);
});

/** The first is answered, and each that follows over its connection ends as `way` has it. */
const afterOne =
  (way: Ways): Ways =>
  (socket, n) =>
    (n === 1 ? says(`${head(200)}ok`) : way)(socket, n);

test.each([saysAndEnds(""), saysAndResets("")])(
  "a connection that was closed while idle is asked for once more over a new one",
  async (closes) => {
    ways = afterOne((socket, n) => (n === 2 ? closes : says(`${head(201)}ok`))(socket, n));
    expect(await ask()).toMatchObject({ status: 200 });
    expect(await ask()).toMatchObject({ status: 201 });
    expect(posts).toEqual([1, 1, 2]);
  },
);

test("once more, and not for ever; a new connection that ends is not asked for again", async () => {
  ways = afterOne(saysAndEnds(""));
  await ask();
  await expect(ask()).rejects.toThrow("socket hang up");
  expect(posts).toEqual([1, 1, 2]);
  await expect(ask()).rejects.toThrow("socket hang up");
  expect(posts).toEqual([1, 1, 2, 3]);
});

test("the new one is none of those that were idle as well", async () => {
  pool.maxSockets = 2;
  const held: Socket[] = [];
  ways = (socket, n) => {
    held.push(socket);
    if (n === 2) for (const one of held) says(`${head(200)}ok`)(one, n);
    if (n === 3) socket.end();
    if (n > 3) says(`${head(201)}ok`)(socket, n);
  };
  await Promise.all([ask(), ask()]);
  await until(() => Object.values(pool.freeSockets)[0]?.length === 2);
  expect(await ask()).toMatchObject({ status: 201 });
  expect(posts[3]).toBe(3);
});

test("what answered something is not asked again", async () => {
  ways = afterOne(saysAndEnds("HTTP/1.1 2"));
  await ask();
  await expect(ask()).rejects.toThrow("socket hang up");
  expect(posts).toEqual([1, 1]);
});

test("what is late is not asked again", async () => {
  ways = afterOne(() => {});
  await ask();
  await expect(ask(0.05)).rejects.toThrow("no answer within");
  await areGone();
  ways = says(`${head(201)}ok`);
  expect(await ask()).toMatchObject({ status: 201 });
  expect(sockets.length).toBe(2);
});

test("nothing is asked again once it is to stop", async () => {
  ways = afterOne(() => {
    stopping.abort();
    pool.destroy();
  });
  await ask();
  await expect(ask()).rejects.toThrow("socket hang up");
  ways = says(`${head(201)}ok`);
  expect(await ask()).toMatchObject({ status: 201 });
  expect(posts).toEqual([1, 1, 2]);
});
