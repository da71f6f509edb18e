/** Which way frames go: never back, never for ever, and another way when a route changes. */
import { expect, test } from "vitest";
import { WireError } from "../iotgw/wire-error.ts";
import { until } from "../platform/testing/until.ts";
import { Line, Node } from "./testing/mesh-net.ts";
import { event, meshStage, request } from "./testing/mesh-stage.ts";

const { chain, heard, nodes, serve } = meshStage();

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
