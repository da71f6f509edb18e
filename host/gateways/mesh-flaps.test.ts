/**
 * P-mesh, P-order, P-loss and P-dup of iotgw §12: gateways in random trees, whose lines are cut and whose sessions are
 * lost, and that are killed, while they send to each other. MESH_RUNS and MESH_SEED ask for more and for others.
 */
import { afterEach, expect, test } from "vitest";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { until } from "../platform/testing/until.ts";
import { delivered } from "../store/group.ts";
import { randomInteger, seededRandom } from "../transports/random.ts";
import type { Mesh } from "./mesh.ts";
import { Line, Node } from "./testing/mesh-net.ts";

const RUNS = Number(process.env.MESH_RUNS ?? 12);
const SEED = Number(process.env.MESH_SEED ?? 1);
const STEPS = 120;

/** Each event is a message in the store of whom it is for: what a killed gateway had committed is still there. */
function serve(mesh: Mesh): void {
  mesh.serve(Command.EVENT, ({ id, bytes, contentStart, end }) => {
    const content = JSON.parse(Buffer.from(bytes.subarray(contentStart, end)).toString());
    return { message: delivered(0, `gw${id.origin}/x`, "e", id.seq, 0, content) };
  });
}

/** A whole number from 0 on, below this. */
type Below = (below: number) => number;

interface Sent {
  key: string;
  v: number;
  /** The sender was told that it is in its store. */
  isSafe: boolean;
}

interface Net {
  nodes: Node[];
  lines: { line: Line; a: number; b: number }[];
}

/** A random tree, so that one way leads from each to each. */
async function grow(size: number, random: Below): Promise<Net> {
  const parents = Array.from({ length: size }, (_, i) => (i === 0 ? -1 : random(i)));
  const neighboursOf = (i: number) => [
    ...(parents[i] < 0 ? [] : [parents[i]]),
    ...parents.flatMap((parent, child) => (parent === i ? [child] : [])),
  ];
  /** The neighbour of `from` over which `to` is reached. */
  const way = (from: number, to: number, before = -1): number =>
    neighboursOf(from).find((n) => n !== before && (n === to || way(n, to, from) >= 0)) ?? -1;
  const idOf = (i: number) => BigInt(i + 1);
  const nodes = parents.map((_, i) => {
    const routes = new Map<bigint, bigint>();
    for (let to = 0; to < size; to++) if (to !== i) routes.set(idOf(to), idOf(way(i, to)));
    return new Node(idOf(i), neighboursOf(i).map(idOf), routes, serve);
  });
  for (const node of nodes) await node.start();
  const lines = parents.flatMap((parent, i) =>
    parent < 0 ? [] : [{ line: new Line(nodes[parent], nodes[i]), a: parent, b: i }],
  );
  return { nodes, lines };
}

async function shake({ nodes, lines }: Net, random: Below, sent: Sent[]) {
  let v = 0;
  for (let step = 0; step < STEPS; step++) {
    const choice = random(100);
    const at = lines[random(lines.length)];
    if (choice < 60) {
      const from = random(nodes.length);
      const to = (from + 1 + random(nodes.length - 1)) % nodes.length;
      const lane = random(4);
      const content = { ot: "x", v: ++v, lane, pad: "x".repeat(random(12) === 0 ? 60_000 : random(50)) };
      const outgoing = {
        dst: BigInt(to + 1),
        cmd: Command.EVENT,
        reqtype: Reqtype.ASYNC,
        lane,
        ttlMs: Infinity,
      };
      const key = `gw${from + 1} to gw${to + 1} lane ${lane}`;
      const one = { key, v, isSafe: false };
      sent.push(one);
      // What is on its way to the store of a gateway that is killed may arrive or not: nobody said that it was taken.
      const sending = nodes[from].mesh.send({ ...outgoing, content: Buffer.from(JSON.stringify(content)) });
      void sending.then(() => {
        one.isSafe = true;
      });
      if (random(3) === 0) await new Promise((resolve) => setImmediate(resolve));
    } else if (choice < 80) {
      if (at.line.isJoined) at.line.cut();
      else at.line.join(random(2) === 0 ? 200 + random(30_000) : Infinity);
    } else if (choice < 90) {
      at.line.lose();
    } else if (choice < 95) {
      const i = random(nodes.length);
      nodes[i].kill();
      for (const { line, a, b } of lines) if (a === i || b === i) line.lose();
      await nodes[i].start();
    } else await new Promise((resolve) => setTimeout(resolve, random(10)));
  }
}

/** What each gateway's store holds, by who sent it and in which lane. */
async function readAll(nodes: Node[]): Promise<Map<string, number[]>> {
  const got = new Map<string, number[]>();
  for (const node of nodes)
    for (const { device, message } of await node.store.read(1, 100_000)) {
      const key = `${device.split("/")[0]} to gw${node.hostId} lane ${message.lane}`;
      got.set(key, [...(got.get(key) ?? []), message.v as number]);
    }
  return got;
}

const nets: Net[] = [];
afterEach(() => {
  for (const { nodes } of nets.splice(0)) for (const node of nodes) node.kill();
});

test.each(Array.from({ length: RUNS }, (_, i) => SEED * 1000 + i))(
  "every frame arrives once, and each lane in its order, whatever is cut, lost or killed (seed %i)",
  async (seed) => {
    const fraction = seededRandom(seed);
    const random = (below: number) => randomInteger(fraction, 0, below - 1);
    const net = await grow(2 + random(6), random);
    nets.push(net);
    const sent: Sent[] = [];
    await shake(net, random, sent);
    for (const { line } of net.lines) {
      line.cut();
      line.join();
    }
    const isQuiet = () => net.nodes.every(({ mesh }) => mesh.all().every(({ queue }) => queue.count === 0));
    await until(() => {
      expect({ seed, waiting: isQuiet() }).toEqual({ seed, waiting: true });
    });
    const got = await readAll(net.nodes);
    const wanted = new Map<string, number[]>();
    for (const { key, v, isSafe } of sent)
      if (isSafe || got.get(key)?.includes(v)) wanted.set(key, [...(wanted.get(key) ?? []), v]);
    const sorted = (map: Map<string, number[]>) => Object.fromEntries([...map].sort());
    expect({ seed, ...sorted(got) }).toEqual({ seed, ...sorted(wanted) });
  },
);
