/** Requests to boards behind other gateways, and those boards, where something comes between: what is told of each then. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { WireError } from "../iotgw/wire-error.ts";
import { until } from "../platform/testing/until.ts";
import { Lane } from "../queue/packet.ts";
import { delivered } from "../store/group.ts";
import { parseMessageId } from "./message-id.ts";
import { Chain, type Site } from "./testing/service-net.ts";
import { peersOf } from "./testing/test-gateways.ts";

let chain: Chain;
let near: Site;
let far: Site;

beforeEach(async () => {
  chain = new Chain(2);
  [near, far] = chain.sites;
  far.boards = ["sim-1", "sim-2"];
  await chain.start();
});
afterEach(() => chain.stop());

const led = { ot: "l:led" };
const settled = ({ node }: Site) => new Promise<void>((resolve) => node.store.keep([], resolve));

/** What the frame of a request is known by. */
async function frameOf(rq: number) {
  const [, { frame }] = (await near.node.store.records<{ frame: string }>("q/")).find(([key]) =>
    key.endsWith(`${rq}`),
  )!;
  return parseMessageId(frame);
}

describe("a request", () => {
  test("has left when it was written, and, for all that is known, when an earlier life kept it", async () => {
    const { rq } = await near.ask(2n, "sim-1", led);
    expect([near.services.boards.hasLeft(rq), near.services.boards.hasLeft(rq + 1)]).toEqual([false, false]);
    expect([near.services.requests.openTo(2n, "sim-1"), near.services.requests.openTo(2n, "sim-2")]).toEqual([
      1, 0,
    ]);
    await chain.restart(0);
    expect(near.services.boards.hasLeft(rq)).toBe(true);
  });

  test("that is too large for the gateway, learned only then, is rejected", async () => {
    far.node.maxFrame = 1000;
    const { outcome } = await near.ask(2n, "sim-1", { ot: "l:led", text: "x".repeat(2000) });
    chain.join();
    expect(await outcome).toMatchObject({ outcome: "rejected", code: "QUEUE_FULL" });
    expect(far.done).toEqual([]);
  });

  test("that makes room for another is rejected", async () => {
    const { outcome } = await near.ask(2n, "sim-1", led);
    const { queue } = near.node.mesh.get(2n)!;
    for (const packet of [...queue.packets()]) queue.finish(packet, "dropped-by-policy");
    expect(await outcome).toMatchObject({ outcome: "rejected", code: "QUEUE_FULL" });
  });

  test("that is withdrawn while its answer is being kept is withdrawn after all when that fails", async () => {
    const { rq, outcome } = await near.ask(2n, "sim-1", led);
    const { requests } = near.services;
    const effect = requests.refused(await frameOf(rq), WireError.NO_ROUTE, "no way")!;
    expect([requests.cancel(rq), near.book.isOpen(rq)]).toEqual([false, true]);
    effect.onFailed!();
    expect(await outcome).toEqual({ outcome: "cancelled" });
    expect(near.node.mesh.get(2n)!.queue.count).toBe(0);
  });

  test("whose gateway is taken out while its answer is being kept is over when that fails: unknown", async () => {
    const { rq, outcome } = await near.ask(2n, "sim-1", led);
    const { requests } = near.services;
    const effect = requests.refused(await frameOf(rq), WireError.NO_ROUTE, "no way")!;
    near.node.mesh.get(2n)!.remove();
    requests.forgetUnreachable();
    expect(near.book.isOpen(rq)).toBe(true);
    effect.onFailed!();
    expect(await outcome).toEqual({ outcome: "unknown", reason: "gateway 2 is no longer a peer" });
  });

  test("of which the word that it is withdrawn goes nowhere is not known as told", async () => {
    far.isHolding = true;
    chain.join();
    const { rq } = await near.ask(2n, "sim-1", led);
    await until(() => far.asked.held === 1);
    chain.lines[0].cut();
    near.services.requests.cancel(rq);
    await settled(near);
    const told = near.services.boards.whenTold(rq)!.then(() => "told");
    near.node.mesh.get(2n)!.remove();
    const soon = new Promise((resolve) => setImmediate(() => resolve("not yet")));
    expect(await Promise.race([told, soon])).toBe("not yet");
  });

  test("that was withdrawn, and not handed to its board when its gateway was killed, is never done", async () => {
    const document = { device: "sim-1", message: led, addedAt: Date.now(), deadline: Date.now() + 60_000 };
    const change = { key: "i/1.00000000000003e8.2.9", value: { ...document, isWithdrawn: true } };
    await new Promise<void>((resolve) => far.node.store.keep([change], resolve));
    await chain.restart(1);
    await until(() => far.services.served.depth === 0);
    expect([far.done, far.cancels]).toEqual([[], [[1n, "l:led", "cancelled"]]]);
  });
});

describe("a board behind another gateway", () => {
  test("is there once it was heard of, and not any more once it is forgotten, in the next life neither", async () => {
    const { boards } = near.services;
    expect([boards.has("2/sim-1"), boards.has("9/sim-1"), boards.forget("2/sim-1")]).toEqual([
      false,
      false,
      false,
    ]);
    await new Promise<void>((resolve) => near.node.store.keep(boards.note(2n, "sim-1"), resolve));
    expect([boards.has("2/sim-1"), boards.has("2/sim-2"), boards.addresses()]).toEqual([
      true,
      false,
      ["2/sim-1"],
    ]);
    expect([boards.forget("2/sim-2"), boards.forget("2/sim-1")]).toEqual([false, true]);
    boards.heard(2n, "sim-1", delivered(5, "2/sim-1", "e", 7, 123, { v: 1 }));
    expect(boards.views()).toEqual([]);
    await settled(near);
    await chain.restart(0);
    expect(near.services.boards.has("2/sim-1")).toBe(false);
  });

  test("is not asked where there is no other gateway, and that is told", async () => {
    const alone = new Chain(1);
    await alone.start();
    const asked = alone.sites[0].services.boards.submit("attic/sim-1", led, 1000, {});
    await expect(asked).rejects.toMatchObject({
      code: "DEVICE_UNKNOWN",
      message: "sending l:led to attic/sim-1: no gateway attic; no other gateway is configured",
    });
    alone.stop();
  });
});

describe("what an earlier life kept", () => {
  const frame = (cmd: Command, reqtype: Reqtype, content = "{}") => ({
    ...{ dst: 1n, cmd, reqtype, lane: Lane.NORMAL, ttlMs: 60_000, content: Buffer.from(content) },
  });

  test("goes out, also where nobody here waits for what becomes of it any more", async () => {
    const ref = { origin: 1n, epoch: 1n, seq: 1 };
    await far.node.mesh.send(frame(Command.EVENT, Reqtype.ASYNC));
    await far.node.mesh.send({ ...frame(Command.SUBSCRIBE, Reqtype.REPLY), ref });
    await far.node.mesh.send({ ...frame(Command.DATA, Reqtype.REPLY), ref });
    await chain.restart(1);
    expect(far.node.mesh.get(1n)!.queue.count).toBe(3);
    chain.join();
    await until(() => far.node.mesh.get(1n)!.queue.count === 0);
    expect(near.node.mesh.get(2n)!.counts.received).toBe(3);
  });

  test("of a subscription that was asked for is answered in the next life", async () => {
    near.wanted = new Map([[2n, ["*"]]]);
    await chain.restart(0);
    near.services.subscriptions.tellChanges();
    await settled(near);
    await chain.restart(0);
    chain.join();
    await until(() => far.services.feeds.all().length === 1);
    await far.say("sim-1", 1);
    await until(() => near.heard.length === 1);
  });

  test("is there whole and in order, also where it is more than is read at once", async () => {
    const { mesh } = near.node;
    const count = 1003;
    const sent = Array.from({ length: count }, (_, i) =>
      mesh.send({ ...frame(Command.EVENT, Reqtype.ASYNC, `${i}`), dst: 2n }),
    );
    await Promise.all(sent);
    await chain.restart(0);
    const kept = [...near.node.mesh.get(2n)!.queue.packets()].map(({ body }) =>
      Number(Buffer.from(body.bytes).toString("latin1").match(/\d+$/)![0]),
    );
    expect(kept).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  test("and may have left stays on its way when the way is another", async () => {
    const { mesh } = near.node;
    mesh.setRoutes(new Map([[9n, 2n]]));
    mesh.add(4n, null);
    await mesh.send({ ...frame(Command.EVENT, Reqtype.ASYNC), dst: 9n });
    await chain.restart(0);
    const again = near.node.mesh;
    again.add(4n, null);
    again.setRoutes(new Map([[9n, 4n]]));
    expect([again.get(2n)!.queue.count, again.get(4n)!.queue.count]).toEqual([1, 0]);
  });
});

describe("a peer", () => {
  test("that is configured has its limits; one that was put in again stays when the one before goes", async () => {
    const { mesh } = near.node;
    const [config] = peersOf({ connect: [{ id: "4", limits: { maxPackets: 30 } }] }).connect;
    const before = mesh.add(4n, config);
    expect(before.queue.limits.maxPackets).toBe(30);
    const after = mesh.add(4n, config);
    before.remove();
    expect(mesh.get(4n)).toBe(after);
  });

  test("has no name here while others are switched off, all or that one", () => {
    const { services } = near;
    const named = (section: object) => {
      services.configure(peersOf(section));
      return services.names.find("attic");
    };
    const peer = { id: "2", name: "attic" };
    expect(named({ connect: [peer] })).toBe(2n);
    expect(named({ connect: [{ ...peer, enabled: false }] })).toBeUndefined();
    expect(named({ enabled: false, connect: [peer] })).toBeUndefined();
  });
});
