/**
 * Components around a whole gateway: strangers made of the real libzmq on its hub, boards on the network behind it. A
 * task to a board is a request to it, and every part says how it is (MoniQue MON3, KILL4).
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { loadConfig } from "./config/load.ts";
import { type Ear, HubBench } from "./hub/testing/components.ts";
import { framesOf, messageOf, textOf } from "./hub/testing/messages.ts";
import { decodeMessage } from "./monique/body.ts";
import type { Message } from "./monique/message.ts";
import { until } from "./platform/testing/until.ts";
import type { BoardClient } from "./testing/board-client.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { stopAfterEach } from "./testing/stops.ts";

const stops = stopAfterEach();
let gw: TestGateway;
let bench: HubBench;

const ports = ["com.in", "com.out", "tech.in", "tech.out"].map((port) => `monique.hub.${port}=0`);

beforeEach(async () => {
  await begin();
});

async function begin(...set: string[]): Promise<void> {
  gw = await startGateway(["monique.enabled=true", ...ports, "monique.frequencyMs=100", ...set]);
  const own = gw;
  stops.push(() => own.stop());
  bench = new HubBench();
  bench.hub = gw.gateway.components.hub!;
  const { closeSockets } = bench;
  stops.push(async () => closeSockets.call(bench));
}

async function board(id = "sim-1"): Promise<BoardClient> {
  const client = await gw.board({ id });
  await until(() => gw.gateway.devicesView().some((device) => device.id === id && device.connected));
  return client;
}

async function ask(data: object, fields: Partial<Message> = {}): Promise<Message> {
  const message = messageOf({ type: "config", spec: "bowline_sim-1", data: textOf(data), ...fields });
  await (await bench.comIn()).send([...framesOf(message)]);
  return message;
}

async function kill(task: string): Promise<void> {
  const message = messageOf({ type: "config", spec: "kill", data: textOf({ task_id: task }) });
  await (await bench.techIn()).send([...framesOf(message)]);
}

/** Requests that a board was given, and what it was told of them. */
const givenTo = ({ packets }: BoardClient) => packets.map((text) => JSON.parse(text));

async function given(client: BoardClient, count: number): Promise<{ rq: number; kill: number }[]> {
  await until(() => givenTo(client).length >= count);
  return givenTo(client);
}

/** Messages for a task that an ear has heard, as [type, spec, data]. */
function answersTo(ear: Ear, { id }: Message): unknown[][] {
  const messages = ear.heard.map(([, body]) => decodeMessage(body) as Message);
  return messages
    .filter(({ pid }) => pid === id)
    .map(({ type, spec, data }) => [type, spec, JSON.parse(Buffer.from(data).toString())]);
}

test("a task for a board is a request to it, and its reply the result", async () => {
  const client = await board();
  const ear = await bench.comOut("result:bowline_sim-1:", "error:bowline_sim-1:");
  const task = await ask({ ot: "l:led", on: true });
  const [{ rq }] = await given(client, 1);
  expect(givenTo(client)).toEqual([{ ot: "l:led", on: true, rq }]);
  await until(() => gw.gateway.work.task(task.id)?.state === "running");
  client.send(JSON.stringify({ re: rq, on: true }));
  await until(() => answersTo(ear, task).length > 0);
  expect(answersTo(ear, task)).toEqual([["result", "bowline_sim-1", { on: true }]]);
  expect(gw.gateway.work.task(task.id)).toMatchObject({ state: "result", on: "sim-1", result: { on: true } });
  expect(gw.gateway.work.tasks({ limit: 10 })).toHaveLength(1);
});

test("what a board refuses, and what asks nothing of it, is an error with its code", async () => {
  const client = await board();
  const ear = await bench.comOut("error:");
  const [refused, empty, nowhere] = [
    await ask({ ot: "l:led" }),
    await ask({ on: true }),
    await ask({ ot: "l:led", device: "sim-9" }, { spec: "bowline_request" }),
  ];
  const [{ rq }] = await given(client, 1);
  client.send(JSON.stringify({ re: rq, err: "no such pin" }));
  await until(() => [refused, empty, nowhere].every((task) => answersTo(ear, task).length > 0));
  const codes = [refused, empty, nowhere].map(
    (task) => (answersTo(ear, task)[0][2] as { code: number }).code,
  );
  expect(codes).toEqual([501, 502, 502]);
});

test("a task waits for a board that is away, and is withdrawn without a trace when it is killed meanwhile", async () => {
  (await board()).detach();
  await until(() => gw.gateway.devicesView().every(({ connected }) => !connected));
  const ear = await bench.comOut("error:");
  const [first, second] = [await ask({ ot: "a" }), await ask({ ot: "b" })];
  await until(
    () => gw.gateway.work.tasks({ limit: 9 }).length === 2 && gw.gateway.requests.views().length === 2,
  );
  await kill(first.id);
  await until(() => gw.gateway.work.kills(1)[0]?.outcome === "confirmed");
  expect(gw.gateway.work.kills(1)).toMatchObject([
    { task: first.id, spec: "bowline_sim-1", how: "withdrawn before it was sent" },
  ]);
  await until(() => answersTo(ear, first).length === 2);
  const killed = { code: 301, message: "task killed" };
  expect(answersTo(ear, first)).toEqual([
    ["error", "error", killed],
    ["error", "bowline_sim-1", killed],
  ]);
  const again = await board();
  // A number that was given out and is needed no more comes as {}.
  const asked = () => givenTo(again).filter((packet) => Object.keys(packet).length > 0);
  await until(() => asked().length > 0);
  expect(asked()).toMatchObject([{ ot: "b" }]);
  expect(gw.gateway.work.task(second.id)?.state).toBe("running");
});

test("of a task that a board does it is told, and confirmed is what the board has acknowledged", async () => {
  const client = await board();
  const task = await ask({ ot: "a" });
  const [{ rq }] = await given(client, 1);
  await kill(task.id);
  expect((await given(client, 2))[1]).toEqual({ kill: rq });
  await until(() => gw.gateway.work.kills(1)[0]?.outcome === "confirmed");
  expect(gw.gateway.work.kills(1)).toMatchObject([{ task: task.id, how: "the board was told" }]);
  expect(gw.gateway.work.task(task.id)).toMatchObject({ state: "killed", error: { code: 301 } });
  // What it says of it all the same is nobody's any more.
  client.send(JSON.stringify({ re: rq, on: true }));
  const next = await ask({ ot: "b" });
  await given(client, 3);
  expect(gw.gateway.work.task(task.id)?.state).toBe("killed");
  expect(gw.gateway.work.task(next.id)?.state).not.toBe("killed");
});

test("every part says how it is, and a board its last words", async () => {
  const ear = await bench.techOut("data:monitoring:");
  const client = await board();
  client.send('{"ot":"l:telemetry","temp":21.5}');
  client.send('{"ot":"l:status","text":"pumping"}');
  const beats = () =>
    ear.heard.map(([, body]) => JSON.parse(Buffer.from((decodeMessage(body) as Message).data).toString()));
  const last = (name: string) =>
    beats()
      .filter((beat) => beat.name === name)
      .at(-1);
  await until(() => last("bowline_sim-1")?.message === "pumping");
  expect(last("bowline_sim-1")).toEqual({
    ...{ sync_time: expect.any(Number), name: "bowline_sim-1", is_alive: true, message: "pumping" },
  });
  client.detach();
  await until(() => last("bowline_sim-1")?.is_alive === false);
  expect(last("bowline_sim-1").message).toMatch(/^away, last heard 20/);
  await until(() => last("bowline_store")?.message === "2 messages");
  expect(last("bowline_store").is_alive).toBe(true);
  const names = gw.gateway.work.components().map(({ name, creator, address }) => [name, creator, address]);
  expect(names).toEqual(
    ["bowline_gateway", "bowline_sim-1", "bowline_store"].map((name) => [name, "gw-test", "here"]),
  );
  expect(gw.gateway.work.monitoring().find(({ name }) => name === "bowline_sim-1")?.is_alive).toBe(false);
});

test("after a restart a board says how it is connected until it has spoken", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bowline-"));
  stops.push(async () => rmSync(folder, { recursive: true, force: true }));
  await begin(`data=${folder}`);
  const said = () => gw.gateway.components.hub!.component("bowline_sim-1")[0]?.message;
  (await board()).send('{"ot":"l:status","text":"pumping"}');
  await until(() => said() === "pumping");
  await gw.stop();
  await begin(`data=${folder}`);
  const client = await board();
  await until(() => /^connected, /.test(said() ?? ""));
  client.send('{"ot":"l:status","text":"resting"}');
  await until(() => said() === "resting");
});

test("nobody else speaks under the name of a part", async () => {
  await board();
  const spoof = textOf({ sync_time: 1, name: "bowline_sim-1", is_alive: false, message: "on fire" });
  await until(() => gw.gateway.work.components().some(({ name }) => name === "bowline_sim-1"));
  await (await bench.techIn()).send([
    ...framesOf(messageOf({ type: "data", spec: "monitoring", data: spoof })),
  ]);
  const { hub } = gw.gateway.components;
  await until(() => Object.values(hub!.counts.dropped).some((count) => count > 0));
  expect(gw.gateway.work.components().filter(({ name }) => name === "bowline_sim-1")).toMatchObject([
    { address: "here", message: expect.not.stringContaining("fire") },
  ]);
});

test("what a board says every component can hear, and what it replies only who asked", async () => {
  const client = await board();
  const ear = await bench.comOut("data:bowline_sim-1:");
  const asked = gw.request("sim-1", { ot: "l:info" });
  const [{ rq }] = await given(client, 1);
  client.send(JSON.stringify({ re: rq, board: "PICO" }));
  await asked;
  client.send('{"ot":"l:button","edge":"up"}');
  await until(() => ear.heard.length > 0);
  const messages = ear.heard.map(([, body]) => decodeMessage(body) as Message);
  expect(messages.map(({ data }) => Buffer.from(data).toString())).toEqual(['{"ot":"l:button","edge":"up"}']);
  expect(messages[0]).toMatchObject({ type: "data", spec: "bowline_sim-1", creator: "gw-test", pid: "" });
});

test("a request to a board that came another way is a task as well, and is killed as one", async () => {
  const client = await board();
  const { rq, outcome } = await gw.gateway.router.submit("sim-1", { ot: "l:led" }, 5000, {
    key: "lamp-on-17",
  });
  await given(client, 1);
  expect(gw.gateway.work.tasks({ limit: 9 })).toMatchObject([
    { id: "lamp-on-17", spec: "l:led", on: "sim-1" },
  ]);
  const by = { via: "http", who: "control at 127.0.0.1" } as const;
  const view = await gw.gateway.work.kill("lamp-on-17", { by, children: false });
  expect(view).toMatchObject({ outcome: "confirmed", how: "the board was told", by });
  expect(await outcome).toEqual({ outcome: "cancelled" });
  expect(givenTo(client).at(-1)).toEqual({ kill: rq });
  expect(gw.gateway.work.kills(9)).toMatchObject([{ task: "lamp-on-17" }]);
});

test("workers of an original config.json that is written anew are taken over without a restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bowline-config-"));
  stops.push(async () => rmSync(folder, { recursive: true }));
  const file = join(folder, "config.json");
  const write = (connections: object) => {
    const side = { comport: 0, techport: 0 };
    const monique = { "scheduler-in": side, "scheduler-out": side };
    writeFileSync(file, JSON.stringify({ deploy: { monique }, params: { mq_controller: { connections } } }));
  };
  write({ example_clock: 0 });
  await begin(`monique.configFile=${file}`);
  const { components } = gw.gateway;
  const specs = () => Object.keys(components.addresses!.controller);
  expect(specs()).toEqual(["example_clock"]);
  const before = components.addresses!.com.in;
  write({ example_clock: 0, example_bank: 0 });
  const set = ["gateway.id=gw-test", `monique.configFile=${file}`];
  const { config } = loadConfig({ set, env: {}, cwd: "/", home: "/" });
  expect(await components.reload(config)).toEqual({ added: ["example_bank"], removed: [], changed: [] });
  expect([specs(), components.addresses!.com.in]).toEqual([["example_clock", "example_bank"], before]);
  const worker = await bench.worker("example_bank");
  await ask({}, { spec: "example_bank" });
  await until(() => worker.heard.length === 1);
});
