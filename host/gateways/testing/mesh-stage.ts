/** Nodes of a mesh for tests, each of which tells what it hears; all are gone after each. */
import { afterEach } from "vitest";
import { Command, Reqtype } from "../../iotgw/commands.ts";
import { Lane } from "../../queue/packet.ts";
import type { QueueLimits } from "../../queue/queue-limits.ts";
import type { Arrived } from "../frame-intake.ts";
import type { Mesh } from "../mesh.ts";
import { Node } from "./mesh-net.ts";

const textOf = ({ bytes, contentStart, end }: Arrived) =>
  Buffer.from(bytes.subarray(contentStart, end)).toString();

/** To be called at the top of a file of tests. */
export function meshStage() {
  const nodes: Node[] = [];
  /** What each node was told, over all its lives, and the errors that came back. */
  const heard = new Map<Node, string[]>();

  function serve(mesh: Mesh, node: Node): void {
    mesh.serve(Command.EVENT, (arrived) => {
      const text = textOf(arrived);
      return { onCommitted: () => void heard.get(node)!.push(text) };
    });
    mesh.serve(Command.DATA, (arrived) => {
      const text = textOf(arrived) + (arrived.frame.qos?.ttlMs === 0 ? ", over" : "");
      return { onCommitted: () => void heard.get(node)!.push(text) };
    });
    mesh.serveEnds((id, code) => ({
      onCommitted: () => void heard.get(node)!.push(`NAK ${id.seq} ${code}`),
    }));
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
  return { nodes, heard, serve, chain };
}

export const event = (dst: bigint, text: string, lane = Lane.NORMAL) => ({
  ...{ dst, cmd: Command.EVENT, reqtype: Reqtype.ASYNC, lane, ttlMs: Infinity, content: Buffer.from(text) },
});
export const request = (dst: bigint, text: string, ttlMs = 60_000) => ({
  ...{
    dst,
    cmd: Command.DATA,
    reqtype: Reqtype.REQUEST,
    lane: Lane.NORMAL,
    ttlMs,
    content: Buffer.from(text),
  },
});
export const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${from + i}`);
export const sorted = (texts: string[]) =>
  texts
    .map(Number)
    .sort((a, b) => a - b)
    .map(String);
