/**
 * A task on a board that runs the firmware, from a stranger's sockets to its last handle: a board has one thread, so its twin
 * in the gateway answers for it on tech (MoniQue LAY5), and a kill frees what the task held there (KILL4).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { buildDevice } from "../device/build.mjs";
import { type Ear, HubBench } from "./hub/testing/components.ts";
import { framesOf, messageOf, textOf } from "./hub/testing/messages.ts";
import { decodeMessage } from "./monique/body.ts";
import type { Message } from "./monique/message.ts";
import { until } from "./platform/testing/until.ts";
import { SimulatedBoard } from "./simulator/simulated-board.ts";
import { startGateway } from "./testing/gateway.ts";
import { stopAfterEach } from "./testing/stops.ts";

const stops = stopAfterEach();
let bundle = "";
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "bowline-board-kill-"));
  const outfile = join(folder, "author.js");
  bundle = (await buildDevice({ entry: "device/testing/author.ts", outfile, quiet: true })).outfile;
  return () => rm(folder, { recursive: true, force: true });
});

const NAME = "bowline_au-1";
const dataOf = ([, body]: readonly Uint8Array[]) =>
  JSON.parse(Buffer.from((decodeMessage(body) as Message).data).toString());
const heartbeats = ({ heard }: Ear) => heard.map(dataOf).filter(({ name }) => name === NAME);

test("a board's twin goes on saying that it is well while a task runs; a kill ends the task on the board and frees what it held", async () => {
  const hubPorts = ["com.in", "com.out", "tech.in", "tech.out"].map((port) => `monique.hub.${port}=0`);
  const gw = await startGateway(["monique.enabled=true", "monique.frequencyMs=100", ...hubPorts]);
  stops.push(() => gw.stop());
  const bench = new HubBench();
  bench.hub = gw.gateway.components.hub!;
  stops.push(async () => bench.closeSockets());
  const said: string[] = [];
  const board = new SimulatedBoard({
    ...{ id: "au-1", bundle, config: { interval: 0, grace: 0 } },
    transport: { kind: "tcp", host: "127.0.0.1", port: gw.tcpPort },
    onConsole: (line) => said.push(line),
  });
  board.start();
  stops.push(() => board.stop());
  await until(() => gw.gateway.devicesView()[0]?.connected === true);

  const [com, tech] = [await bench.comOut("result:", "error:"), await bench.techOut()];
  const push = await bench.comIn();
  const ask = async (data: object) => {
    const message = messageOf({ type: "config", spec: NAME, data: textOf(data) });
    await push.send([...framesOf(message)]);
    return message;
  };
  const answersTo = ({ id }: Message) =>
    com.heard.filter(([, body]) => (decodeMessage(body) as Message).pid === id).map(dataOf);
  const held = async () => {
    const asked = await ask({ ot: "l:once" });
    await until(() => answersTo(asked).length === 1);
    return answersTo(asked)[0].held;
  };

  const endless = await ask({ ot: "l:count", to: 1e6 });
  await until(() => gw.messages.filter(({ message }) => message.ot === "l:progress").length > 1);
  expect(await held()).toBe(1);
  const before = heartbeats(tech).length;
  await until(() => heartbeats(tech).length >= before + 3);
  expect(heartbeats(tech).at(-1)).toMatchObject({ is_alive: true });
  expect(answersTo(endless)).toEqual([]);

  const kill = messageOf({ type: "config", spec: "kill", data: textOf({ task_id: endless.id }) });
  await (await bench.techIn()).send([...framesOf(kill)]);
  const killed = { code: 301, message: "task killed" };
  await until(() => said.some((line) => /^end \d+ cancelled$/.test(line)));
  await until(() => gw.gateway.work.kills(1)[0]?.outcome === "confirmed");
  await until(() => answersTo(endless).length >= 2);
  expect(answersTo(endless)).toEqual([killed, killed]);
  expect(await held()).toBe(0);
  expect(heartbeats(tech).every(({ is_alive }) => is_alive === true)).toBe(true);
});
