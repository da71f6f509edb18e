import { afterEach, beforeEach, expect, test } from "vitest";
import { Packet } from "../queue/packet.ts";
import { PeerQueue } from "../queue/peer-queue.ts";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { read, ServerUnderTest } from "./testing/server-under-test.ts";

let gateway: FakeGateway;
let http: ServerUnderTest;
let queue: PeerQueue;
const asReader = { headers: { authorization: `Bearer ${read}` } };

beforeEach(async () => {
  gateway = new FakeGateway();
  http = await new ServerUnderTest(gateway).start();
  queue = new PeerQueue({ now: () => 0, signal: () => {} });
  for (const kind of ["gateway", "board"] as const)
    gateway.queued.push({
      ...{ kind, id: "7", name: kind === "board" ? "dead" : "barn", leadsTo: [] },
      queue: kind === "board" ? null : queue,
      limits: { maxPackets: 10, maxBytes: null },
      describe: () => ({ what: "EVENT barn", origin: "5", seq: 1, leftMs: null }),
      withdraw: (packet) => void packet.setInvalid(),
    });
  gateway.queued[1].id = "dead";
  queue.addPacket(Packet.copyOf(new Uint8Array(9))!);
});
afterEach(() => http.stop());

test("a queue is told with all that waits in it, to whoever may read", async () => {
  const [, { peers }] = await http.get("/api/v1/queue", asReader);
  const [status, view] = await http.get("/api/v1/queue/barn", asReader);
  expect(peers).toEqual([view]);
  expect([status, view.name, view.packets, view.bytes, view.limits.maxPackets]).toEqual([
    200,
    "barn",
    1,
    9,
    10,
  ]);
  const [, { packets, total }] = await http.get("/api/v1/queue/7/packets?limit=5", asReader);
  expect([packets.length, total, packets[0].what]).toEqual([1, 1, "EVENT barn"]);
});

test("only who may control withdraws and clears", async () => {
  expect((await http.post("/api/v1/queue/barn/purge", {}, asReader))[0]).toBe(403);
  expect((await http.get("/api/v1/queue/dead", { method: "DELETE", ...asReader }))[0]).toBe(403);
  expect(queue.count).toBe(1);
  expect(await http.post("/api/v1/queue/barn/purge", { lane: 3 })).toMatchObject([200, { withdrawn: 0 }]);
  expect(await http.post("/api/v1/queue/barn/purge", {})).toMatchObject([200, { withdrawn: 1, left: 0 }]);
  expect(await http.delete("/api/v1/queue/dead")).toEqual([200, { cleared: 0 }]);
});

test("a board that is called as the dead letters are is still reached", async () => {
  expect(await http.get("/api/v1/queue/dead")).toEqual([200, { dead: [] }]);
  expect((await http.get("/api/v1/queue/%64ead"))[1].kind).toBe("board");
});

test.each([{ lane: 4 }, { lane: -1 }, { lane: 1.5 }, { lane: "3" }])("%j withdraws nothing", async (body) => {
  const [status, { error }] = await http.post("/api/v1/queue/barn/purge", body);
  expect([status, error.code, queue.count]).toEqual([400, "REQUEST_INVALID", 1]);
});

test.each(["0", "10001", "x", ""])("limit=%s is refused", async (limit) => {
  const [status, { error }] = await http.get(`/api/v1/queue/barn/packets?limit=${limit}`);
  expect([status, error.code]).toEqual([400, "QUERY_INVALID"]);
});

test("a name that is nobody's is refused with the one that was meant", async () => {
  for (const path of ["barm", "barm/packets"]) {
    const [status, { error }] = await http.get(`/api/v1/queue/${path}`);
    expect([status, error.code]).toEqual([404, "PEER_UNKNOWN"]);
    expect(error.message).toContain("did you mean barn?");
  }
  expect((await http.post("/api/v1/queue/barm/purge", {}))[0]).toBe(404);
});
