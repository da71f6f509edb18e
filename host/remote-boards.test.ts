/** Boards behind another gateway, as people and their scripts see them: two real gateways, over a socket. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { ServerUnderTest } from "./http/testing/server-under-test.ts";
import { until } from "./platform/testing/until.ts";
import type { BoardClient } from "./testing/board-client.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";

let kitchen: TestGateway;
let attic: TestGateway;
let board: BoardClient;
let http: ServerUnderTest;

beforeEach(async () => {
  const names = ["gateway.id=pi-attic", 'gateway.hostId="2"', "peers.listen.port=0"];
  attic = await startGateway([...names, 'peers.connect.0.id="1"']);
  const { port } = attic.gateway.others.gateways.address!;
  const connect = ['id="2"', "name=attic", "host=127.0.0.1", `port=${port}`, "subscribe.0=*"];
  kitchen = await startGateway([
    ...["gateway.id=pi-kitchen", 'gateway.hostId="1"', "peers.listen.enabled=false"],
    ...connect.map((setting) => `peers.connect.0.${setting}`),
  ]);
  board = await attic.board({ id: "b-1" });
  await attic.until("connected", () => attic.gateway.devicesView().some(({ connected }) => connected));
  await until(() => attic.gateway.others.services.feeds.all().length === 1);
  http = await new ServerUnderTest(kitchen.gateway).start();
});
afterEach(async () => {
  await http.stop();
  await kitchen.stop();
  await attic.stop();
});

/** The board answers what it is asked with what it was asked. */
async function answer(): Promise<void> {
  await until(() => board.packets.length > 0);
  const { rq, ...rest } = JSON.parse(board.packets.splice(0)[0]);
  board.send(JSON.stringify({ re: rq, ...rest }));
}

test("a request goes there and its reply comes back, over HTTP with the slash as it is", async () => {
  const asked = http.post("/api/v1/devices/attic/b-1/requests", { ot: "l:led", on: true });
  await answer();
  const [status, reply] = await asked;
  expect([status, reply]).toEqual([200, { re: expect.any(Number), ot: "l:led", on: true }]);
  const [, view] = await http.get(`/api/v1/requests/${reply.re}`);
  expect(view).toMatchObject({ device: "attic/b-1", state: "delivered" });
});

test("a request can be withdrawn while its board has it", async () => {
  const [, { rq }] = await http.post("/api/v1/devices/attic%2Fb-1/requests?async=1&timeout=60", {
    ot: "l:led",
  });
  await until(() => board.packets.length > 0);
  expect((await http.delete(`/api/v1/requests/${rq}`))[1]).toMatchObject({ rq, state: "cancelled" });
  await until(() => board.packets.some((packet) => packet.includes("kill")));
});

test("a board that is not there is refused in the words of its gateway", async () => {
  const [status, { error }] = await http.post("/api/v1/devices/attic/nope/requests", { ot: "l:led" });
  expect([status, error.code]).toEqual([502, "REQUEST_REJECTED"]);
  expect(error.message).toBe(
    'l:led to attic/nope: refused on the way there: no board "nope"; known: b-1 (DEVICE_UNKNOWN)',
  );
});

test("what it says is delivered here once it was there, with its numbers, and the board is listed", async () => {
  board.send('{"ot":"l:temp","v":22.5}');
  await kitchen.until("heard", () => kitchen.messages.length === 1);
  const [there] = attic.messages;
  expect(kitchen.messages).toEqual([{ ...there, n: 1, device: "attic/b-1", at: expect.any(Number) }]);
  expect((await http.get("/api/v1/messages?device=attic/b-1"))[1].messages).toEqual(kitchen.messages);
  const [, { devices }] = await http.get("/api/v1/devices");
  expect(devices).toMatchObject([{ id: "attic/b-1", gateway: "attic", connected: true, delivered: 1 }]);
  expect((await http.get("/api/v1/devices/attic/b-1"))[0]).toBe(200);
  const [status, { error }] = await http.post("/api/v1/devices/b-1/requests", { ot: "l:led" });
  expect([status, error.message]).toEqual([
    404,
    "sending l:led to b-1: no such board; did you mean attic/b-1? known: attic/b-1",
  ]);
  expect(await http.delete("/api/v1/devices/attic/b-1")).toEqual([200, { id: "attic/b-1" }]);
  expect((await http.get("/api/v1/devices"))[1]).toEqual({ devices: [] });
});
