/** A program with the client, and a real gateway that is cut off, stopped and begun again under it. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { HttpProxy } from "../host/http/testing/http-proxy.ts";
import { control, read, ServerUnderTest } from "../host/http/testing/server-under-test.ts";
import { TcpWire } from "../host/http/testing/tcp-wire.ts";
import { until } from "../host/platform/testing/until.ts";
import type { BoardClient } from "../host/testing/board-client.ts";
import { folderForEach } from "../host/testing/folders.ts";
import { freePort } from "../host/testing/free-port.ts";
import { startGateway, type TestGateway } from "../host/testing/gateway.ts";
import { Gateway, type Message, type MessagesOptions } from "./client.ts";

const data = folderForEach("client");
let gw: TestGateway;
let http: ServerUnderTest;
let wire: TcpWire;
let board: BoardClient;
let gateway: Gateway;
let following: { done: Promise<void>; end: AbortController }[];

beforeEach(async () => {
  following = [];
  await begin(await freePort());
  wire = new TcpWire(http.port);
  await wire.join();
  board = await gw.board({ id: "sim-1" });
  await gw.until("the board", () => gw.gateway.devicesView().length === 1);
  gateway = new Gateway(`http://127.0.0.1:${wire.port}/?token=${control}#/boards`);
});
afterEach(async () => {
  for (const { end } of following) end.abort();
  await Promise.all(following.map(({ done }) => done));
  board.detach();
  await wire.cut();
  await http.stop();
  await gw.stop();
});

async function begin(port: number, folder = "first"): Promise<void> {
  gw = await startGateway([`data=${data()}/${folder}`]);
  http = await new ServerUnderTest(gw.gateway, { port }).start();
}

/** The same gateway once more, or another in its place. */
async function beginAgain(folder = "first"): Promise<void> {
  const { port } = http;
  board.detach();
  await http.stop();
  await gw.stop();
  await begin(port, folder);
  board = await gw.board({ id: "sim-1" });
}

const say = (...numbers: number[]) => {
  for (const i of numbers) board.send(`{"ot":"l:n","i":${i}}`);
};

/** All that is delivered to a program from now on. */
function follow(options: MessagesOptions = {}, from = gateway): { heard: number[]; told: string[] } {
  const end = new AbortController();
  const seen = { heard: [] as number[], told: [] as string[] };
  const run = async () => {
    const stream = from.messages({
      signal: end.signal,
      onStore: (store) => seen.told.push(`store ${store.length}`),
      onGap: (first, last) => seen.told.push(`gap ${first}-${last}`),
      onLost: () => seen.told.push("lost"),
      ...options,
    });
    for await (const { message } of stream) seen.heard.push(message.i as number);
  };
  following.push({ done: run(), end });
  return seen;
}

test("boards are listed, and a request is answered with the board's reply", async () => {
  expect(await gateway.devices()).toMatchObject([{ id: "sim-1", connected: true }]);
  const asked = gateway.request("sim-1", { ot: "l:led", on: true });
  await until(() => board.packets.length === 1);
  const { rq, ...rest } = JSON.parse(board.packets[0]);
  expect(rest).toEqual({ ot: "l:led", on: true });
  board.send(`{"re":${rq},"on":true}`);
  expect(await asked).toEqual({ re: rq, on: true });
});

test("a request over a connection that is cut is the same one: it is done once, and its reply comes", async () => {
  const asked = gateway.request("sim-1", { ot: "l:led" });
  await until(() => board.packets.length === 1);
  await wire.cut();
  await wire.join();
  await new Promise((resolve) => setTimeout(resolve, 300));
  board.send(`{"re":${JSON.parse(board.packets[0]).rq},"v":1}`);
  expect(await asked).toMatchObject({ v: 1 });
  expect(board.packets.length).toBe(1);
});

test("a proxy that answers for a gateway in its own words has lost the connection: the request is done once", async () => {
  const proxy = new HttpProxy(http.port);
  const through = new Gateway(await proxy.start(), control);
  try {
    proxy.refusals.push(502, 504);
    const asked = through.request("sim-1", { ot: "l:led" });
    await until(() => board.packets.length === 1);
    proxy.giveUp(504);
    await until(() => expect(proxy.keys).toHaveLength(4));
    board.send(`{"re":${JSON.parse(board.packets[0]).rq},"v":1}`);
    expect(await asked).toMatchObject({ v: 1 });
    expect(board.packets).toHaveLength(1);
    expect(proxy.statuses).toEqual([502, 504, 504, 200]);
    expect(new Set(proxy.keys).size).toBe(1);
    expect(proxy.keys[0]).toMatch(/./);
    // In whose words it is told once there is no more time.
    proxy.refusals.push(...Array<number>(100).fill(504));
    // Time enough for one answer at least, also on a machine that stands still for a moment.
    const late = through.request("sim-1", { ot: "l:led" }, { timeoutS: 1.5 });
    await expect(late).rejects.toMatchObject({ code: "NO_GATEWAY", status: 504 });
    expect(board.packets).toHaveLength(1);
    // What is no answer of a proxy for a gateway that is away is not asked again.
    proxy.refusals.splice(0, Number.POSITIVE_INFINITY, 500);
    await expect(through.request("sim-1", { ot: "l:led" })).rejects.toMatchObject({ status: 500 });
  } finally {
    proxy.stop();
  }
});

test.each(["127.0.0.1:8080", "localhost:8080?token=secret", "", "/api"])(
  "%j is no address, which is said at once, without a token",
  (url) => {
    const make = () => new Gateway(url);
    expect(make).toThrow(/it is no address of a gateway; expected http:\/\/HOST:PORT\/\?token=…$/);
    expect(make).not.toThrow(/secret/);
    expect(() => new Gateway(url, "t")).toThrow(TypeError);
  },
);

test("what the gateway refuses is told with code, status and mend; a token that may only read asks for nothing", async () => {
  await expect(gateway.request("nobody", { ot: "l:led" })).rejects.toMatchObject({
    ...{ code: "DEVICE_UNKNOWN", status: 404 },
  });
  const reader = new Gateway(`http://127.0.0.1:${wire.port}`, read);
  await expect(reader.request("sim-1", { ot: "l:led" })).rejects.toMatchObject({ status: 403 });
  const stranger = new Gateway(`http://127.0.0.1:${wire.port}`, "wrong-token-0123456789");
  await expect(stranger.messages().next()).rejects.toMatchObject({ status: 401 });
});

test("a request that is aborted is withdrawn", async () => {
  const end = new AbortController();
  const asked = gateway.request("sim-1", { ot: "l:led" }, { signal: end.signal });
  await until(() => board.packets.length === 1);
  end.abort();
  await expect(asked).rejects.toMatchObject({ name: "AbortError" });
  await until(() => expect(board.packets.at(-1)).toContain("kill"));
});

test("a request while nobody answers ends within its time, and says so", async () => {
  await wire.cut();
  await expect(gateway.request("sim-1", { ot: "l:led" }, { timeoutS: 0.3 })).rejects.toMatchObject({
    code: "GATEWAY_LOST",
  });
});

test("every message once, in order, over cuts, a restart, and from where a program left off", async () => {
  say(1, 2, 3);
  await gw.until("3 messages", () => gw.messages.length === 3);
  const all = follow({ from: 1 });
  const later = follow();
  await until(() => expect([all.heard, later.told.length]).toEqual([[1, 2, 3], 1]));
  for (let round = 0; round < 3; round++) {
    await wire.cut();
    say(4 + round);
    await wire.join();
    await until(() => all.heard.length === 4 + round);
  }
  await beginAgain();
  say(7, 8);
  await until(() => expect(all.heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8]));
  await until(() => expect(later.heard).toEqual([4, 5, 6, 7, 8]));
  expect(all.told.filter((word) => word === "lost").length).toBeGreaterThanOrEqual(1);
  const rest = follow({ from: 7 });
  await until(() => expect(rest.heard).toEqual([7, 8]));
});

test("a gateway that was set up anew is read from its first message on, once it is known by its store", async () => {
  say(1);
  await gw.until("a message", () => gw.messages.length === 1);
  const seen = follow({ from: 1 });
  await until(() => seen.heard.length === 1);
  await beginAgain("second");
  say(2);
  await until(() => expect(seen.heard).toEqual([1, 2]));
  const known = follow({ from: 100, store: "0000000000000000" });
  await until(() => expect(known.heard).toEqual([2]));
});

test("who takes long is waited for: nothing is read ahead of it without end, and nothing is lost", async () => {
  const end = new AbortController();
  const stream = gateway.messages({ from: 1, signal: end.signal });
  const numbers = Array.from({ length: 500 }, (_, i) => i);
  say(...numbers);
  const got: number[] = [];
  for await (const { message } of stream as AsyncIterable<Message>) {
    got.push(message.i as number);
    if (got.length % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    if (got.length === numbers.length) break;
  }
  expect(got).toEqual(numbers);
  end.abort();
});
