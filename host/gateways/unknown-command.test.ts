/** What becomes of a frame whose command the gateway that it is for does not serve (iotgw §4, BADCMD). */
import { afterEach, expect, test } from "vitest";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { WireError } from "../iotgw/wire-error.ts";
import { until } from "../platform/testing/until.ts";
import { Lane } from "../queue/packet.ts";
import type { Mesh } from "./mesh.ts";
import { Line, Node } from "./testing/mesh-net.ts";

/** None that is known. */
const FOREIGN = 40 as Command;

const nodes: Node[] = [];
afterEach(() => {
  for (const node of nodes.splice(0)) node.kill();
});

const frame = (cmd: Command, reqtype: Reqtype) => ({
  ...{ dst: 2n, cmd, reqtype, lane: Lane.NORMAL, ttlMs: 60_000 },
  content: Buffer.from("x"),
});

test("a request is answered BADCMD, a notification not at all, and what comes next is served", async () => {
  const heard: string[] = [];
  const serve = (mesh: Mesh) => {
    mesh.serve(Command.EVENT, () => ({ onCommitted: () => void heard.push("event") }));
    mesh.serveEnds(({ seq }, code) => ({ onCommitted: () => void heard.push(`NAK ${seq} ${code}`) }));
  };
  const [a, b] = [1n, 2n].map((id) => new Node(id, [3n - id], new Map(), serve));
  nodes.push(a, b);
  for (const node of nodes) await node.start();
  new Line(a, b).join();
  await a.mesh.send(frame(FOREIGN, Reqtype.ASYNC));
  await a.mesh.send(frame(Command.EVENT, Reqtype.ASYNC));
  const { id } = await a.mesh.send(frame(FOREIGN, Reqtype.REQUEST));
  await until(() => heard.length === 2);
  await a.mesh.send(frame(Command.EVENT, Reqtype.ASYNC));
  await until(() => heard.length === 3);
  expect(heard).toEqual(["event", `NAK ${id.seq} ${WireError.BADCMD}`, "event"]);
});
