/** What the mesh does with frames that nobody serves or has room for, and what gateways ask of each other in vain. */
import { afterEach, describe, expect, test } from "vitest";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { WireError } from "../iotgw/wire-error.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { until } from "../platform/testing/until.ts";
import { Lane } from "../queue/packet.ts";
import type { QueueLimits } from "../queue/queue-limits.ts";
import type { Mesh } from "./mesh.ts";
import { Line, Node } from "./testing/mesh-net.ts";
import { Chain } from "./testing/service-net.ts";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

describe("a frame", () => {
  const heard = new Map<Node, string[]>();

  /** Only DATA is served, and noted, and so is what comes back. */
  function serve(mesh: Mesh, node: Node): void {
    const note = (text: string) => ({ onCommitted: () => void heard.get(node)!.push(text) });
    mesh.serve(Command.DATA, ({ id }) => note(`DATA ${id.seq}`));
    mesh.serveEnds((id, code, text) => note(`NAK ${id.seq} ${code} ${text}`));
  }

  /** Gateways 1 – 2 – 3; each line is joined by hand. */
  async function chain(limits: Partial<QueueLimits> = {}): Promise<Node[]> {
    const nodes = [
      new Node(1n, [2n], new Map([[3n, 2n]]), serve, limits),
      new Node(2n, [1n, 3n], new Map(), serve, limits),
      new Node(3n, [2n], new Map([[1n, 2n]]), serve, limits),
    ];
    for (const node of nodes) {
      heard.set(node, []);
      stops.push(() => node.kill());
      await node.start();
    }
    return nodes;
  }
  const frame = (cmd: Command, reqtype: Reqtype) => ({
    ...{ dst: 3n, cmd, reqtype, lane: Lane.NORMAL, ttlMs: 60_000, content: Buffer.from("x") },
  });
  const request = frame(Command.DATA, Reqtype.REQUEST);

  test("of a command that is not served is answered with that if it is a request, and dropped if it is none", async () => {
    const [a, b, c] = await chain();
    new Line(a, b).join();
    new Line(b, c).join();
    await a.mesh.send(frame(Command.EVENT, Reqtype.ASYNC));
    const asked = await a.mesh.send(frame(Command.SUBSCRIBE, Reqtype.REQUEST));
    await a.mesh.send(request);
    await until(() => heard.get(c)!.length + heard.get(a)!.length === 2);
    expect(heard.get(a)).toEqual([`NAK ${asked.id.seq} ${WireError.BADCMD} SUBSCRIBE is not served here`]);
    expect(heard.get(c)).toEqual(["DATA 3"]);
  });

  test("that is a request is not taken while the disk is nearly full; what ends one is", async () => {
    const [a] = await chain();
    const low = new BowlineError("STORE_LOW", "keeping: the disk is nearly full", ExitCode.busy);
    a.kill();
    a.storeOptions = { low: () => low };
    await a.start();
    await expect(a.mesh.send(request)).rejects.toBe(low);
    const ref = { origin: 3n, epoch: 1n, seq: 1 };
    await a.mesh.send({ ...frame(Command.DATA, Reqtype.REPLY), ref });
    expect(a.mesh.get(2n)!.queue.count).toBe(1);
  });

  test("that waits at a relay for a gateway that is taken out ends, and who made it is told", async () => {
    const [a, b] = await chain();
    new Line(a, b).join();
    const { id } = await a.mesh.send(request);
    await a.mesh.send(frame(Command.DATA, Reqtype.ASYNC));
    await until(() => b.mesh.get(3n)!.queue.count === 2);
    b.mesh.get(3n)!.remove();
    await until(() => heard.get(a)!.length === 1);
    expect(heard.get(a)).toEqual([`NAK ${id.seq} ${WireError.PEER_REMOVED} at gateway 2`]);
    expect(b.dead).toEqual(["peer-removed", "peer-removed"]);
  });

  test("that is a request and finds no room at a relay is refused there; a notification is kept", async () => {
    const [a, b] = await chain({ maxPackets: 3 });
    new Line(a, b).join();
    const sent = frame(Command.DATA, Reqtype.ASYNC);
    for (let n = 1; n <= 3; n++) {
      await a.mesh.send(sent);
      await until(() => b.mesh.get(3n)!.queue.count === n);
    }
    const { id } = await a.mesh.send({ ...request, lane: Lane.CONTROL });
    await until(() => heard.get(a)!.length === 1);
    expect(heard.get(a)).toEqual([`NAK ${id.seq} ${WireError.QUEUE_FULL} too much waits for gateway 3`]);
  });
});

describe("what waits for another gateway", () => {
  const heard = new Map<Node, string[]>();
  function serve(mesh: Mesh, node: Node): void {
    const note = (text: string) => ({ onCommitted: () => void heard.get(node)!.push(text) });
    mesh.serve(Command.EVENT, ({ bytes, contentStart, end }) =>
      note(Buffer.from(bytes.subarray(contentStart, end)).toString().slice(0, 10)),
    );
    mesh.serveEnds((id, code) => note(`NAK ${id.seq} ${code}`));
  }
  async function nodesOf(...rows: [bigint, bigint[], [bigint, bigint][]][]): Promise<Node[]> {
    const nodes = rows.map(([id, neighbours, routes]) => new Node(id, neighbours, new Map(routes), serve));
    for (const node of nodes) {
      heard.set(node, []);
      stops.push(() => node.kill());
      await node.start();
    }
    return nodes;
  }
  const event = (dst: bigint, text: string, lane = Lane.NORMAL) => ({
    ...{ dst, cmd: Command.EVENT, reqtype: Reqtype.ASYNC, lane, ttlMs: Infinity, content: Buffer.from(text) },
  });

  test("is not sent again where it says that it has it: of this store, of each lane up to its number", async () => {
    const [a, b] = await nodesOf([1n, [2n], []], [2n, [1n], []]);
    const outcomes: string[] = [];
    const send = async (text: string, lane = Lane.NORMAL) => {
      const onOutcome = (outcome: string) => void outcomes.push(`${text} ${outcome}`);
      await a.mesh.send({ ...event(2n, text, lane), onOutcome });
    };
    await send("had 1");
    await send("had 2");
    await send("bulk 3", Lane.BULK);
    await send("new 4");
    b.has = { haveEpoch: BigInt(`0x${a.store.epoch}`), have: [0, 0, 2, 0] };
    new Line(a, b).join();
    await until(() => heard.get(b)!.length === 2 && outcomes.length === 4);
    expect(heard.get(b)!.sort()).toEqual(["bulk 3", "new 4"]);
    expect(outcomes.slice(0, 2)).toEqual(["had 1 delivered", "had 2 delivered"]);
  });

  test("is sent all the same where what it has is of another store of ours", async () => {
    const [a, b] = await nodesOf([1n, [2n], []], [2n, [1n], []]);
    await a.mesh.send(event(2n, "new 1"));
    b.has = { haveEpoch: BigInt(`0x${a.store.epoch}`) ^ 1n, have: [9, 9, 9, 9] };
    new Line(a, b).join();
    await until(() => heard.get(b)!.length === 1);
    expect(heard.get(b)).toEqual(["new 1"]);
  });

  test("stays where it is when its way does not change, or ends", async () => {
    const [a, b] = await nodesOf([1n, [2n], [[3n, 2n]]], [2n, [1n], []]);
    await a.mesh.send(event(3n, "far"));
    await a.mesh.send(event(2n, "near"));
    for (const routes of [new Map([[3n, 2n]]), new Map()]) {
      a.mesh.setRoutes(routes);
      expect(a.mesh.get(2n)!.queue.count).toBe(2);
    }
    new Line(a, b).join();
    await until(() => heard.get(b)!.length === 1);
    expect(heard.get(b)).toEqual(["near"]);
  });

  test("at a relay and is too large for the next gateway is refused, known before or learned then", async () => {
    const [a, b, c] = await nodesOf([1n, [2n], [[3n, 2n]]], [2n, [1n, 3n], []], [3n, [2n], [[1n, 2n]]]);
    c.maxFrame = 1000;
    new Line(a, b).join();
    const large = { ...event(3n, "x".repeat(2000)), reqtype: Reqtype.REQUEST };
    const first = await a.mesh.send(large);
    await until(() => b.mesh.get(3n)!.queue.count === 1);
    new Line(b, c).join();
    await until(() => heard.get(a)!.length === 1);
    const second = await a.mesh.send(large);
    await until(() => heard.get(a)!.length === 2);
    expect(heard.get(a)).toEqual([
      `NAK ${first.id.seq} ${WireError.NO_ROUTE}`,
      `NAK ${second.id.seq} ${WireError.TOO_BIG}`,
    ]);
    expect([heard.get(c), b.dead]).toEqual([[], ["rejected"]]);
  });

  test("a NAK that names no frame, or says nothing, is a fault of its sender, and ends nothing", async () => {
    const [a, b] = await nodesOf([1n, [2n], []], [2n, [1n], []]);
    new Line(a, b).join();
    const nak = { ...event(2n, ""), cmd: Command.NAK };
    await a.mesh.send({ ...nak, content: Buffer.alloc(0) });
    await a.mesh.send({ ...nak, content: Buffer.from([2, 7, 0, 0]) });
    await a.mesh.send(event(2n, "after"));
    await until(() => heard.get(b)!.length === 1);
    expect([heard.get(b), b.mesh.get(1n)!.counts.faults]).toEqual([["after"], 2]);
  });
});

describe("a request to a board behind another gateway", () => {
  async function pair() {
    const chain = new Chain(2);
    stops.push(() => chain.stop());
    await chain.start();
    const [near, far] = chain.sites;
    far.boards = ["sim-1"];
    return { chain, near, far };
  }

  test("that is withdrawn before it is made comes to nothing, and nothing of it is done", async () => {
    const { chain, near, far } = await pair();
    const { outcome } = await near.ask(2n, "sim-1", { ot: "l:led" }, 60_000, { signal: AbortSignal.abort() });
    expect(await outcome).toMatchObject({ outcome: "cancelled" });
    chain.join();
    const next = await near.ask(2n, "sim-1", { ot: "l:info" });
    expect(await next.outcome).toMatchObject({ outcome: "delivered" });
    expect(far.done.map(({ ot }) => ot)).toEqual(["l:info"]);
  });

  test("to a board that there is not is rejected with those there are", async () => {
    const { chain, near } = await pair();
    chain.join();
    const { outcome } = await near.ask(2n, "sim-2", { ot: "l:led" });
    expect(await outcome).toMatchObject({ outcome: "rejected", code: "DEVICE_UNKNOWN" });
  });

  test("above as many as may wait for one gateway is refused", async () => {
    const { near } = await pair();
    let fault: unknown;
    let count = 0;
    for (; fault === undefined && count < 20_000; count++)
      await near.ask(2n, "sim-1", { ot: "l:led" }).catch((error) => {
        fault = error;
      });
    expect(fault).toMatchObject({
      code: "QUEUE_FULL",
      message: `sending l:led to 2/sim-1: ${count - 1} requests wait for that gateway, ${count - 1} allowed`,
    });
  });

  test("is cancelled on a board that holds it, once, and is not answered then", async () => {
    const { chain, near, far } = await pair();
    far.isHolding = true;
    chain.join();
    const abort = new AbortController();
    const { outcome } = await near.ask(2n, "sim-1", { ot: "l:led" }, 60_000, { signal: abort.signal });
    await until(() => far.asked.held === 1);
    abort.abort();
    expect(await outcome).toMatchObject({ outcome: "cancelled" });
    await until(() => far.cancels.length === 1);
    expect([far.asked.held, far.done]).toEqual([0, []]);
  });
});

describe("a subscription", () => {
  test("to what is no name of a board is refused, and is told here", async () => {
    const chain = new Chain(2);
    stops.push(() => chain.stop());
    const [near, far] = chain.sites;
    near.wanted = new Map([[2n, ["a/b"]]]);
    await chain.start();
    chain.join();
    await until(() => near.node.mesh.get(2n)!.counts.received > 0);
    await far.say("sim-1", 1);
    expect([far.services.feeds.all(), near.heard]).toEqual([[], []]);
  });

  test("goes on behind a message that is too large for who subscribed, and says with the next how many are missing", async () => {
    const chain = new Chain(2);
    stops.push(() => chain.stop());
    const [near, far] = chain.sites;
    near.node.maxFrame = 2000;
    near.wanted = new Map([[2n, ["*"]]]);
    await chain.start();
    chain.join();
    await until(() => far.services.feeds.all().length > 0);
    await far.say("sim-1", 1);
    await far.say("sim-1", 2, { text: "x".repeat(3000) });
    await far.say("sim-1", 3);
    await until(() => near.heard.length === 2);
    expect(near.heard.map(({ seq }) => seq)).toEqual([1, 3]);
    expect(far.services.feeds.all()).toMatchObject([{ missed: 1 }]);
  });

  test("waits in the store for what has no room in the queue, and comes whole and in order later", async () => {
    const chain = new Chain(2);
    stops.push(() => chain.stop());
    const [near, far] = chain.sites;
    near.wanted = new Map([[2n, ["*"]]]);
    await chain.start();
    chain.join();
    await until(() => far.services.feeds.all().length > 0);
    chain.lines[0].cut();
    const { queue } = far.node.mesh.get(1n)!;
    queue.limits.maxPackets = 5;
    for (let seq = 1; seq <= 30; seq++) await far.say("sim-1", seq);
    await until(() => queue.count === 5);
    chain.join();
    await until(() => near.heard.length === 30);
    expect(near.heard.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(far.services.feeds.all()).toMatchObject([{ missed: 0 }]);
  });

  test("to a gateway that no way leads to any more is forgotten once nobody wants it", async () => {
    const chain = new Chain(3);
    stops.push(() => chain.stop());
    const [near, , far] = chain.sites;
    near.wanted = new Map([[3n, ["*"]]]);
    await chain.start();
    chain.join();
    await until(() => far.services.feeds.all().length > 0);
    const { subscriptions } = near.services;
    const told = async () => (await near.node.store.records("u/")).map(([key]) => key);
    near.node.mesh.setRoutes(new Map());
    subscriptions.tellChanges(); // it is wanted still
    expect([await told(), subscriptions.isWanted(3n)]).toEqual([["u/3"], true]);
    subscriptions.configure(new Map());
    subscriptions.tellChanges();
    await new Promise<void>((resolve) => near.node.store.keep([], resolve));
    expect([await told(), subscriptions.isWanted(3n)]).toEqual([[], false]);
  });

  test("that changes while it waits is told as it is now, once", async () => {
    const chain = new Chain(2);
    stops.push(() => chain.stop());
    const [near, far] = chain.sites;
    await chain.start();
    const { subscriptions } = near.services;
    for (const devices of [["a-*"], ["b-*"], ["b-*"]]) {
      subscriptions.configure(new Map([[2n, devices]]));
      subscriptions.tellChanges();
    }
    chain.join();
    await until(() => far.services.feeds.all().length > 0);
    await far.say("a-1", 1);
    await far.say("b-1", 1);
    await until(() => near.heard.length > 0);
    expect(near.heard.map(({ device }) => device)).toEqual(["gw2/b-1"]);
  });
});
