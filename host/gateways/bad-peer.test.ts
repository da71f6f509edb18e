/** A gateway that is known, and says what no gateway of ours would: frames handed to the intake as it would send them. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { encodeCancel } from "../iotgw/ending.ts";
import { until } from "../platform/testing/until.ts";
import { Lane } from "../queue/packet.ts";
import type { HostSession } from "../session/host-session.ts";
import { encodeOutgoing, type Outgoing } from "./outgoing.ts";
import { encodeJson } from "./request-content.ts";
import { Chain, type Site } from "./testing/service-net.ts";

let chain: Chain;
let relay: Site;
let seq: number;

beforeEach(async () => {
  chain = new Chain(3);
  relay = chain.sites[1];
  seq = 1000;
  await chain.start();
});
afterEach(() => chain.stop());

/** The relay takes a frame from its peer 1, which says that `hostId` made it. */
function take(hostId: bigint, outgoing: Partial<Outgoing> & Pick<Outgoing, "cmd" | "reqtype">): void {
  const whole = { dst: 2n, lane: Lane.NORMAL, ttlMs: 60_000, content: new Uint8Array(0), ...outgoing };
  const frame = encodeOutgoing(whole, { hostId, epoch: 1n, seq: ++seq, maxHops: 16 });
  const session = { accept() {}, end() {} } as unknown as HostSession;
  relay.node.mesh.get(1n)!.intake.take(session, frame, 0, frame.length, 0);
}

const committed = () =>
  new Promise<void>((resolve, reject) =>
    relay.node.store.whenCommitted({ onCommitted: resolve, onFailed: reject }),
  );

test("a request that waits here is not withdrawn by another than who made it", async () => {
  const content = encodeJson({ device: "sim-1", message: { ot: "l:led" } });
  take(1n, { dst: 3n, cmd: Command.DATA, reqtype: Reqtype.REQUEST, content });
  const id = { origin: 1n, epoch: 1n, lane: Lane.NORMAL, seq };
  await committed();
  const cancel = { dst: 3n, cmd: Command.CANCEL, reqtype: Reqtype.ASYNC, lane: Lane.CONTROL };
  const ref = { origin: 1n, epoch: 1n, seq };
  take(9n, { ...cancel, content: encodeCancel(Lane.NORMAL), ref });
  await committed();
  expect(relay.node.mesh.findRequest(id)?.outcome).toBe(null);
  take(1n, { ...cancel, content: encodeCancel(Lane.NORMAL), ref });
  await committed();
  expect(relay.node.mesh.findRequest(id)).toBeUndefined();
});

test("one that asks for what is not there and takes no answer is answered no more in the end", async () => {
  const { queue, ending } = relay.node.mesh.get(1n)!.frames;
  queue.limits.maxPackets = 5;
  ending.packets = 20;
  const content = encodeJson({ device: "nope", message: { ot: "l:led" } });
  const ask = () => take(1n, { cmd: Command.DATA, reqtype: Reqtype.REQUEST, content });
  for (let i = 0; i < 40; i++) ask();
  await committed();
  await until(() => queue.count === 25);
  for (let i = 0; i < 20; i++) take(1n, { dst: 8n, cmd: Command.DATA, reqtype: Reqtype.REQUEST, content });
  await committed();
  expect(queue.count).toBe(25);
});

test("answers of gateways that were not asked leave nothing behind", async () => {
  for (let i = 100n; i < 110n; i++)
    take(i, {
      ...{ cmd: Command.SUBSCRIBE, reqtype: Reqtype.REPLY, ref: { origin: 2n, epoch: 1n, seq: 1 } },
      content: encodeJson({ gateway: `gw${i}`, devices: ["*"] }),
    });
  await committed();
  expect(await relay.node.store.records("n/")).toEqual([]);
});

test("a subscription of one that no way leads to is none", async () => {
  take(99n, { cmd: Command.SUBSCRIBE, reqtype: Reqtype.REQUEST, content: encodeJson({ devices: ["*"] }) });
  await committed();
  expect(relay.services.feeds.all()).toEqual([]);
  expect(await relay.node.store.records("f/")).toEqual([]);
});

test.each([600, 30_000])("JSON nested %i deep is refused, and all else goes on", async (depth) => {
  relay.boards = ["sim-1"];
  relay.wanted.set(1n, ["*"]);
  const bomb = `{"ot":"l:led","a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
  const event = (message: string, n: number) =>
    take(1n, {
      ...{ cmd: Command.EVENT, reqtype: Reqtype.ASYNC },
      content: Buffer.from(`{"device":"sim-1","epoch":"00000000000000ee","seq":${n},"message":${message}}`),
    });
  const request = (message: string) =>
    take(1n, {
      ...{ cmd: Command.DATA, reqtype: Reqtype.REQUEST },
      content: Buffer.from(`{"device":"sim-1","message":${message}}`),
    });
  event(bomb, 1);
  request(bomb);
  await committed();
  event('{"v":2}', 2);
  request('{"ot":"l:led"}');
  await until(() => relay.heard.length === 1 && relay.done.length === 1);
  expect([relay.heard[0].message, relay.done[0]]).toEqual([{ v: 2 }, { ot: "l:led" }]);
});
