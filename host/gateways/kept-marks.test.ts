/** What a gateway remembers of others, at the edges: marks, withdrawals, dead letters, and what it says of peers. */
import { describe, expect, test } from "vitest";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { encodeFrame } from "../iotgw/encode-frame.ts";
import { openTestStore } from "../testing/stores.ts";
import { DeadLetters } from "./dead-letters.ts";
import { GatewayNames } from "./gateway-names.ts";
import type { Gateways } from "./gateways.ts";
import { Marks } from "./marks.ts";
import { OtherGateways, type OtherGatewaysOptions } from "./other-gateways.ts";
import { PeerRegistry } from "./peer-registry.ts";
import { viewPeers } from "./peers-view.ts";
import { clock, Node } from "./testing/mesh-net.ts";
import { peersOf } from "./testing/test-gateways.ts";
import { Withdrawn } from "./withdrawn.ts";

test("of a gateway that never said anything nothing is there, and of one that did only what is of the epoch asked for", async () => {
  const store = await openTestStore();
  const marks = new Marks(store, 5n);
  const nothing = { epoch: 0n, have: [0, 0, 0, 0] };
  expect([marks.haveUpTo(null), marks.haveUpTo(7n)]).toEqual([nothing, nothing]);
  const { device, epoch } = marks.markOf({ origin: 5n, epoch: 7n, lane: 2, seq: 3 }, false);
  await new Promise<void>((onCommitted, onFailed) =>
    store.raise(device, epoch, 3, { onCommitted, onFailed: () => onFailed() }),
  );
  const three = { epoch: 7n, have: [0, 0, 3, 0] };
  expect([marks.haveUpTo(null), marks.haveUpTo(7n), marks.haveUpTo(8n)]).toEqual([three, three, nothing]);
});

test("a withdrawal is known until its time is surely over, then a few are forgotten with each that comes", async () => {
  const store = await openTestStore();
  let now = 0;
  const withdrawn = new Withdrawn(store, { now: () => now, wall: () => now });
  const ids = Array.from({ length: 9 }, (_, i) => `1.0000000000000001.2.${i}`);
  for (const id of ids) withdrawn.add(id, 1000);
  now = 600_000;
  withdrawn.add("later", 1000);
  expect(ids.every((id) => withdrawn.has(id))).toBe(true);
  now = 601_001;
  withdrawn.add("last", 1000);
  expect([ids.some((id) => withdrawn.has(id)), withdrawn.has("later")]).toEqual([false, true]);
});

test("the first letter has number 1; one without lane and route is the peer's, in lane 0", async () => {
  const letters = new DeadLetters(await openTestStore(), () => 5);
  await letters.load();
  const head = { reqtype: Reqtype.ASYNC, cmd: Command.EVENT, cmdVersion: 1, error: 0, rqid: 0, crc: false };
  const frame = encodeFrame({ ...head, msgId: { origin: 7n, seq: 4 } }, new Uint8Array(8));
  letters.add(8n, { frame, outcome: "expired", maybeDelivered: false });
  expect(letters.list()).toMatchObject([{ n: 1, lane: 0, dst: "8", seq: 4 }]);
});

test("where none is listed a peer that is asked for is unknown, and that is said", () => {
  const none = () => {};
  const make = () => {
    throw new TypeError("none is made");
  };
  const registry = new PeerRegistry(make, { onAdded: none, onChanged: none, onRemoved: none });
  expect(() => registry.findPeer("attic")).toThrow("none of peers.connect; allowed: none is listed");
});

test("a gateway that is not open has no others: ids are shown as they are, and it stops all the same", async () => {
  const others = new OtherGateways({ config: { peers: peersOf({}) } } as unknown as OtherGatewaysOptions);
  expect(others.nameOf("42")).toBe("42");
  expect(() => others.mesh).toThrow("asking for other gateways: this one is not open");
  others.wake();
  others.resume();
  await others.catchUp();
  await others.stop();
});

describe("what is shown of other gateways", () => {
  /** As it is while `shown` is known and 2 has frames; `section` is what the configuration says. */
  async function viewOf(section: object, address: { host: string; port: number } | null, shown: string[]) {
    const node = new Node(1n, [2n], new Map([[3n, 2n]]), () => {});
    await node.start();
    const settings = peersOf(section);
    const gateways = {
      ...{ address, settings, view: () => shown.map((id) => ({ id })) },
      registry: {
        get: (id: bigint) =>
          settings.connect.map((config) => ({ config })).find((one) => one.config.id === `${id}`),
      },
    } as unknown as Gateways;
    const { mesh } = node;
    const view = viewPeers({ name: "home", gateways, mesh, names: new GatewayNames(mesh), now: clock.now() });
    node.kill();
    return view;
  }
  const listen = { enabled: true, host: "127.0.0.1", port: 7654 };

  test("where it listens is told, also before there is a listener, and not when it is to have none", async () => {
    const own = async (section: object, address: { host: string; port: number } | null = null) =>
      (await viewOf(section, address, [])).gateway.listen;
    expect(await own({ listen })).toEqual({ host: "127.0.0.1", port: 7654, isOpen: false });
    expect(await own({ listen }, { host: "127.0.0.1", port: 9 })).toEqual({
      host: "127.0.0.1",
      port: 9,
      isOpen: true,
    });
    expect(await own({ listen: { ...listen, enabled: false } })).toBe(null);
    expect(await own({ enabled: false, listen })).toBe(null);
  });

  test("one has its boards and what it leads to; of one that is just being taken out there is nothing to tell", async () => {
    const { peers } = await viewOf({ connect: [{ id: "2", subscribe: ["a-*"] }] }, null, ["2", "9"]);
    const nothing = {
      waiting: { packets: 0, bytes: 0, oldestMs: null },
      received: 0,
      repeats: 0,
      faults: 0,
      sessions: 0,
    };
    expect(peers).toMatchObject([
      { ...nothing, id: "2", leadsTo: ["3"], subscribe: ["a-*"] },
      { ...nothing, id: "9", leadsTo: [], subscribe: [] },
    ]);
  });
});
