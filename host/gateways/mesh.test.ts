import { afterEach, expect, test, vi } from "vitest";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { WireError } from "../iotgw/wire-error.ts";
import { until } from "../platform/testing/until.ts";
import { Lane } from "../queue/packet.ts";
import type { QueueLimits } from "../queue/queue-limits.ts";
import type { Arrived } from "./frame-intake.ts";
import type { Mesh } from "./mesh.ts";
import { clock, Line, Node } from "./testing/mesh-net.ts";

const nodes: Node[] = [];
/** What each node was told, over all its lives, and the errors that came back. */
const heard = new Map<Node, string[]>();

const textOf = ({ bytes, contentStart, end }: Arrived) =>
  Buffer.from(bytes.subarray(contentStart, end)).toString();

function serve(mesh: Mesh, node: Node): void {
  mesh.serve(Command.EVENT, (arrived) => {
    const text = textOf(arrived);
    return { onCommitted: () => void heard.get(node)!.push(text) };
  });
  mesh.serve(Command.DATA, (arrived) => {
    const text = textOf(arrived) + (arrived.frame.qos?.ttlMs === 0 ? ", over" : "");
    return { onCommitted: () => void heard.get(node)!.push(text) };
  });
  mesh.serveEnds((id, code) => ({ onCommitted: () => void heard.get(node)!.push(`NAK ${id.seq} ${code}`) }));
}

/** A line of nodes 1 – 2 – 3 …, each of which reaches the others through its neighbours. */
async function chain(count: number, limits: Partial<QueueLimits> = {}, maxHops = 16): Promise<Node[]> {
  const ids = Array.from({ length: count }, (_, i) => BigInt(i + 1));
  for (const id of ids) {
    const neighbours = ids.filter((other) => other === id - 1n || other === id + 1n);
    const far = ids.filter((other) => other !== id && !neighbours.includes(other));
    const routes = new Map(far.map((other) => [other, other > id ? id + 1n : id - 1n]));
    const node = new Node(id, neighbours, routes, serve, limits, maxHops);
    heard.set(node, []);
    nodes.push(node);
    await node.start();
  }
  return nodes;
}

afterEach(() => {
  for (const node of nodes.splice(0)) node.kill();
});

const event = (dst: bigint, text: string, lane = Lane.NORMAL) => ({
  ...{ dst, cmd: Command.EVENT, reqtype: Reqtype.ASYNC, lane, ttlMs: Infinity, content: Buffer.from(text) },
});
const request = (dst: bigint, text: string, ttlMs = 60_000) => ({
  ...{
    dst,
    cmd: Command.DATA,
    reqtype: Reqtype.REQUEST,
    lane: Lane.NORMAL,
    ttlMs,
    content: Buffer.from(text),
  },
});
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`);
const sorted = (texts: string[]) =>
  texts
    .map(Number)
    .sort((a, b) => a - b)
    .map(String);

test("frames arrive once and in order, whatever becomes of connections, sessions and gateways", async () => {
  const [a, b] = await chain(2);
  const line = new Line(a, b);
  line.join();
  for (const text of numbers(0, 50)) await a.mesh.send(event(2n, text));
  line.cut();
  for (const text of numbers(50, 100)) await a.mesh.send(event(2n, text));
  line.join();
  line.lose();
  line.join();
  for (const text of numbers(100, 150)) await a.mesh.send(event(2n, text));
  a.kill();
  line.lose();
  await a.start();
  line.join();
  for (const text of numbers(150, 200)) await a.mesh.send(event(2n, text));
  b.kill();
  line.lose();
  await b.start();
  line.join();
  await until(() => heard.get(b)!.length >= 200);
  expect(heard.get(b)).toEqual(numbers(0, 200));
  await until(() => a.mesh.get(2n)!.queue.count === 0);
  await new Promise<void>((resolve) => a.store.keep([], resolve)); // what may wait goes with the next commit
  expect(await a.store.records("s/")).toEqual([]);
});

test("a relay hands frames on in custody, while no two lines ever stand at once", async () => {
  const [a, b, c] = await chain(3);
  const [near, far] = [new Line(a, b), new Line(b, c)];
  for (const text of numbers(0, 20)) await a.mesh.send(event(3n, text));
  near.join();
  await until(() => a.mesh.get(2n)!.queue.count === 0);
  near.cut();
  b.kill();
  await b.start();
  far.join();
  await until(() => heard.get(c)!.length >= 20);
  expect(heard.get(c)).toEqual(numbers(0, 20));
  await until(() => b.mesh.get(3n)!.queue.count === 0);
});

test("a long frame goes in pieces, and control overtakes it", async () => {
  const [a, b] = await chain(2);
  const long = "x".repeat(60_000);
  await a.mesh.send(event(2n, long, Lane.BULK));
  await a.mesh.send(event(2n, "kill", Lane.CONTROL));
  new Line(a, b).join();
  await until(() => heard.get(b)!.length === 2);
  expect(heard.get(b)!.map((text) => text.length)).toEqual([4, 60_000]);
});

test("a frame of which some pieces came begins anew in the next session, and goes on in the same one", async () => {
  const [a, b] = await chain(2);
  const line = new Line(a, b);
  const long = "x".repeat(60_000);
  await a.mesh.send(event(2n, long, Lane.BULK));
  line.join(20_000);
  await until(() => !line.isJoined);
  line.lose();
  line.join(20_000);
  await until(() => !line.isJoined);
  line.join();
  await until(() => heard.get(b)!.length === 1);
  expect(heard.get(b)).toEqual([long]);
});

test("what goes again over a new connection says what is left of its life now", async () => {
  const [a, b] = await chain(2);
  const line = new Line(a, b);
  const lasting = await a.mesh.send(request(2n, "lasting", 120_000));
  await a.mesh.send(request(2n, "short", 60_000));
  const withdrawn = await a.mesh.send(request(2n, "withdrawn", 120_000));
  line.join(30); // cut before the first of them has come
  await until(() => !line.isJoined);
  expect([lasting.packet.hasLeft, withdrawn.packet.hasLeft]).toEqual([true, true]);
  withdrawn.packet.endLife();
  const { now } = clock;
  const ahead = vi.spyOn(clock, "now").mockImplementation(() => now() + 60_000);
  try {
    line.join();
    await until(() => heard.get(b)!.length === 3);
  } finally {
    ahead.mockRestore();
  }
  expect(heard.get(b)).toEqual(["lasting", "short, over", "withdrawn, over"]);
});

test("a request that is withdrawn where it waits goes no further: here without a trace, at a relay with a word to its origin", async () => {
  const [a, b, c] = await chain(3);
  const [near, far] = [new Line(a, b), new Line(b, c)];
  const first = await a.mesh.send(request(3n, "first"));
  const second = await a.mesh.send(request(3n, "second"));
  expect(first.packet.setInvalid()).toBe(true);
  near.join();
  await until(() => a.mesh.get(2n)!.queue.count === 0);
  const { seq, origin, epoch, lane } = second.id;
  await a.mesh.send({
    ...{ dst: 3n, cmd: Command.CANCEL, reqtype: Reqtype.ASYNC, lane: Lane.CONTROL, ttlMs: 60_000 },
    ...{ content: Uint8Array.of(lane), ref: { origin, seq, epoch } },
  });
  await until(() => heard.get(a)!.length === 1);
  expect(heard.get(a)).toEqual([`NAK ${seq} ${WireError.CANCELLED}`]);
  far.join();
  await a.mesh.send(event(3n, "after"));
  await until(() => heard.get(c)!.length > 0);
  expect(heard.get(c)).toEqual(["after"]);
});

test("a request that expires at a relay is told of to its origin", async () => {
  const [a, b] = await chain(3);
  new Line(a, b).join();
  // Far more than it takes to the relay, also on a machine that stands still for a moment.
  const { id } = await a.mesh.send(request(3n, "late", 1500));
  await until(() => heard.get(a)!.length === 1);
  expect([heard.get(a), b.dead]).toEqual([[`NAK ${id.seq} ${WireError.EXPIRED}`], ["expired"]]);
});

test("a frame never goes back to where it came from, and no circle keeps it", async () => {
  const ring = [1n, 2n, 3n];
  for (const id of ring) {
    const next = (id % 3n) + 1n;
    const node = new Node(
      id,
      ring.filter((other) => other !== id),
      new Map([[9n, next]]),
      serve,
    );
    heard.set(node, []);
    nodes.push(node);
    await node.start();
  }
  const [a, b, c] = nodes;
  for (const [from, to] of [
    [a, b],
    [b, c],
    [c, a],
  ])
    new Line(from, to).join();
  const { id } = await a.mesh.send(request(9n, "nowhere"));
  await until(() => heard.get(a)!.length === 1);
  expect(heard.get(a)).toEqual([`NAK ${id.seq} ${WireError.HOP_LIMIT}`]);
});

test("a gateway that nothing leads to is refused at once, and a peer that is removed ends all that waits for it", async () => {
  const [a] = await chain(2);
  await expect(a.mesh.send(event(7n, "x"))).rejects.toMatchObject({ code: "NO_ROUTE" });
  const outcomes: string[] = [];
  await a.mesh.send({ ...event(2n, "x"), onOutcome: (outcome) => void outcomes.push(outcome) });
  a.mesh.get(2n)!.remove();
  expect(outcomes).toEqual(["peer-removed"]);
  await expect(a.mesh.send(event(2n, "y"))).rejects.toMatchObject({ code: "NO_ROUTE" });
});

test("frames go in the order of their numbers, in whichever order they become safe", async () => {
  const [a, b] = await chain(2);
  const first = a.mesh.prepare(event(2n, "first"));
  const second = a.mesh.prepare(event(2n, "second"));
  const third = a.mesh.prepare(event(2n, "third"));
  third.onCommitted();
  second.onFailed();
  expect(a.mesh.get(2n)!.queue.count).toBe(0);
  first.onCommitted();
  expect(a.mesh.get(2n)!.queue.count).toBe(1); // nobody knows whether the second is in the store
  a.mesh.resume();
  new Line(a, b).join();
  await until(() => heard.get(b)!.length === 2);
  expect(heard.get(b)).toEqual(["first", "third"]);
});

test("a frame passes no more gateways than it may", async () => {
  const [a, b, c, d] = await chain(4, {}, 2);
  for (const [from, to] of [
    [a, b],
    [b, c],
    [c, d],
  ])
    new Line(from, to).join();
  const near = await a.mesh.send(request(3n, "near"));
  const far = await a.mesh.send(request(4n, "far"));
  await until(() => heard.get(a)!.length === 1 && heard.get(c)!.length === 1);
  expect([near.id.seq, far.id.seq]).toEqual([1, 2]);
  expect([heard.get(a), heard.get(c), heard.get(d)]).toEqual([
    [`NAK 2 ${WireError.HOP_LIMIT}`],
    ["near"],
    [],
  ]);
});

test("a frame above what a peer takes is refused, also one that waited before that was known", async () => {
  const [a, b] = await chain(2);
  b.maxFrame = 1000;
  await a.mesh.send(event(2n, "x".repeat(2000)));
  new Line(a, b).join();
  await until(() => a.dead.length === 1);
  expect(a.dead).toEqual(["rejected"]);
  await expect(a.mesh.send(event(2n, "x".repeat(2000)))).rejects.toMatchObject({ code: "TOO_BIG" });
  await a.mesh.send(event(2n, "small"));
  await until(() => heard.get(b)!.length > 0);
  expect(heard.get(b)).toEqual(["small"]);
});

test("when a route changes, what waits goes the new way, and what had left by the old one stays there", async () => {
  const ways = [
    new Map([[4n, 2n]]),
    new Map<bigint, bigint>(),
    new Map<bigint, bigint>(),
    new Map<bigint, bigint>(),
  ];
  const neighbours = [
    [2n, 3n],
    [1n, 4n],
    [1n, 4n],
    [2n, 3n],
  ];
  for (let i = 0; i < 4; i++) {
    const node = new Node(BigInt(i + 1), neighbours[i], ways[i], serve);
    heard.set(node, []);
    nodes.push(node);
    await node.start();
  }
  const [a, b, c, d] = nodes;
  await a.mesh.send(event(4n, "old"));
  const old = new Line(a, b);
  old.join();
  await until(() => a.mesh.get(2n)!.queue.count === 0);
  old.lose();
  for (const text of ["new 1", "new 2"]) await a.mesh.send(event(4n, text));
  a.mesh.setRoutes(new Map([[4n, 3n]]));
  await until(() => a.mesh.get(3n)!.queue.count === 2);
  expect(a.mesh.get(2n)!.queue.count).toBe(0);
  a.kill();
  await a.start(); // and so it is kept
  for (const [from, to] of [
    [a, c],
    [c, d],
  ])
    new Line(from, to).join();
  await until(() => heard.get(d)!.length === 2);
  new Line(b, d).join();
  await until(() => heard.get(d)!.length === 3);
  expect(heard.get(d)).toEqual(["new 1", "new 2", "old"]);
});

test.each([
  ["", false],
  [", and the gateway there was killed meanwhile", true],
])(
  "what went the old way arrives behind where it meets the new one, by which younger frames came%s",
  async (_, isKilled) => {
    const ways: [neighbours: bigint[], routes: [bigint, bigint][]][] = [
      [[2n, 3n], [[5n, 2n]]],
      [[1n, 4n], [[5n, 4n]]],
      [[1n, 4n], [[5n, 4n]]],
      [[2n, 3n, 5n], []],
      [[4n], []],
    ];
    for (const [i, [neighbours, routes]] of ways.entries()) {
      const node = new Node(BigInt(i + 1), neighbours, new Map(routes), serve);
      heard.set(node, []);
      nodes.push(node);
      await node.start();
    }
    const [a, b, c, d, e] = nodes;
    await a.mesh.send(event(5n, "old"));
    new Line(a, b).join();
    await until(() => a.mesh.get(2n)!.queue.count === 0);
    a.mesh.setRoutes(new Map([[5n, 3n]]));
    await a.mesh.send(event(5n, "young"));
    const last = new Line(d, e);
    for (const line of [new Line(a, c), new Line(c, d), last]) line.join();
    await until(() => heard.get(e)!.length === 1 && d.mesh.get(5n)!.queue.count === 0);
    if (isKilled) {
      d.kill();
      last.lose();
      await d.start();
      last.join();
    }
    new Line(b, d).join();
    await until(() => heard.get(e)!.length === 2);
    expect(heard.get(e)).toEqual(["young", "old"]);
  },
);

test("what goes another way arrives there although younger frames went that way before it", async () => {
  for (const [hostId, neighbours] of [
    [1n, [2n, 3n]],
    [2n, [1n]],
    [3n, [1n]],
  ] as const) {
    const node = new Node(hostId, neighbours, new Map(), serve);
    heard.set(node, []);
    nodes.push(node);
    await node.start();
  }
  const [a, , c] = nodes;
  a.mesh.setRoutes(new Map([[4n, 2n]]));
  for (const text of ["old 1", "old 2"]) await a.mesh.send(request(4n, text));
  await a.mesh.send(event(3n, "young"));
  const line = new Line(a, c);
  line.join();
  await until(() => a.mesh.get(3n)!.queue.count === 0);
  a.mesh.setRoutes(new Map([[4n, 3n]]));
  // Gateway 3 knows no way to 4, and so says of each what became of it.
  await until(() => a.mesh.get(3n)!.queue.count === 0 && heard.get(a)!.length === 2);
  expect(heard.get(a)).toEqual([`NAK 1 ${WireError.NO_ROUTE}`, `NAK 2 ${WireError.NO_ROUTE}`]);
  expect(heard.get(c)).toEqual(["young"]);
});

test("what was said of credit in a session that is lost holds nothing in the next", async () => {
  const [a, b] = await chain(2);
  const line = new Line(a, b);
  line.join();
  await a.mesh.send(event(2n, "first"));
  await until(() => a.mesh.get(2n)!.queue.count === 0);
  line.cut();
  await until(() => !b.mesh.get(1n)!.isConnected);
  b.mesh.get(1n)!.hold(true);
  line.lose();
  line.join();
  for (const text of ["second", "third"]) await a.mesh.send(event(2n, text));
  await until(() => heard.get(b)!.length === 3);
  expect(heard.get(b)).toEqual(["first", "second", "third"]);
});

test("what nobody here understands is kept, and nothing is written over it", async () => {
  const [a] = await chain(2);
  const kept = { key: "s/2/2/00000000000001", value: new Uint8Array(40) };
  await new Promise<void>((resolve) => a.store.keep([kept], resolve));
  a.kill();
  await a.start();
  await a.mesh.send(event(2n, "mine"));
  const there = await a.store.records<Uint8Array>("s/2/");
  expect(there.map(([, value]) => value.length > 40)).toEqual([false, true]);
});

test("what is kept for a peer that was removed and is one again outlives what was kept before", async () => {
  const [a, b] = await chain(2);
  const outcomes: string[] = [];
  const first = a.mesh.send({ ...event(2n, "first"), onOutcome: (outcome) => void outcomes.push(outcome) });
  a.mesh.get(2n)!.remove();
  a.mesh.add(2n, null);
  await Promise.all([first, a.mesh.send(event(2n, "second"))]);
  expect(outcomes).toEqual(["peer-removed"]);
  await new Promise<void>((resolve) => a.store.keep([], resolve));
  a.kill();
  await a.start();
  new Line(a, b).join();
  await a.mesh.send(event(2n, "third"));
  await until(() => heard.get(b)!.includes("third"));
  expect(heard.get(b)).toEqual(["second", "third"]);
});

test("a frame behind one whose commit failed comes to its outcome, although their peer is removed before that is known", async () => {
  const [a] = await chain(2);
  const outcomes: string[] = [];
  const onOutcome = (outcome: string) => void outcomes.push(outcome);
  const first = a.mesh.prepare({ ...event(2n, "first"), onOutcome });
  const second = a.mesh.prepare({ ...event(2n, "second"), onOutcome });
  second.onCommitted();
  first.onFailed();
  a.mesh.get(2n)!.remove();
  a.mesh.resume();
  expect(outcomes).toEqual(["peer-removed"]);
});

test("numbers are not given twice over any number of lives", async () => {
  const [a] = await chain(2);
  const seen: number[] = [];
  for (let life = 0; life < 3; life++) {
    for (let i = 0; i < 5; i++) seen.push((await a.mesh.send(event(2n, `${i}`))).id.seq);
    a.kill();
    await a.start();
  }
  expect(new Set(seen).size).toBe(15);
  expect(sorted(seen.map(String))).toEqual(seen.map(String));
});

test("a relay whose queue fills holds the lanes of whoever fills it, and loses nothing", async () => {
  const [a, b, c] = await chain(3, { maxPackets: 100 });
  const [near, far] = [new Line(a, b), new Line(b, c)];
  near.join();
  const sent = numbers(0, 300);
  const sending = (async () => {
    for (const text of sent) {
      await until(() => a.mesh.get(2n)!.hasRoom(100));
      await a.mesh.send(event(3n, text));
    }
  })();
  // The window of the session lets more through than the mark, never all of it.
  await until(() => b.mesh.get(3n)!.queue.count >= 80);
  await until(() => a.mesh.get(2n)!.queue.count >= 90);
  await a.mesh.send(event(2n, "kill", Lane.CONTROL));
  await until(() => heard.get(b)!.includes("kill"));
  expect(b.mesh.get(3n)!.queue.count).toBeLessThan(250);
  far.join();
  await sending;
  await until(() => heard.get(c)!.length >= 300);
  expect(heard.get(c)).toEqual(sent);
});
