import { afterEach, beforeEach, expect, test } from "vitest";
import { decodeMessage } from "../monique/body.ts";
import { drawId } from "../monique/id.ts";
import type { Message } from "../monique/message.ts";
import { until } from "../platform/testing/until.ts";
import { PullClient } from "../zmtp/pull-client.ts";
import type { HubChange } from "./hub-changes.ts";
import { TestBoards } from "./testing/boards.ts";
import { HubBench } from "./testing/components.ts";
import { framesOf, messageOf, textOf } from "./testing/messages.ts";

const by = { via: "http", who: "operator" } as const;
const clock = [{ spec: "example_clock", port: 0, patienceMs: 300_000 }];
const read = (parts: readonly Uint8Array[]) => decodeMessage(parts[1]) as Message;
const dataOf = (parts: readonly Uint8Array[]) => JSON.parse(Buffer.from(read(parts).data).toString());

let bench: HubBench;
let boards: TestBoards;
beforeEach(() => {
  bench = new HubBench();
  boards = new TestBoards();
});
afterEach(() => bench.stop());

test("a board's task is published, run, and answered in the gateway's name", async () => {
  const hub = await bench.start({}, undefined, boards);
  const ear = await bench.comOut();
  const task = messageOf({ type: "config", spec: "bowline_sim-1", data: textOf({ ot: "l:led" }) });
  await (await bench.comIn()).send([...framesOf(task)]);
  await until(() => boards.given.length === 1);
  expect(boards.given[0].task).toMatchObject({ id: task.id, spec: "bowline_sim-1" });
  boards.given[0].events.onRunning("sim-1");
  expect(hub.task(task.id)).toMatchObject({ state: "running", on: "sim-1", deliveries: 1 });
  boards.given[0].events.onResult({ on: true });
  await until(() => ear.heard.length === 2);
  expect(read(ear.heard[1])).toMatchObject({
    type: "result",
    spec: "bowline_sim-1",
    pid: task.id,
    creator: "gw-1",
  });
  expect(dataOf(ear.heard[1])).toEqual({ on: true });
  // What a stranger answers in the board's place is passed on, and believed by nobody here.
  expect(hub.task(task.id)).toMatchObject({ state: "result", on: "sim-1", result: { on: true } });
});

test("a heartbeat of our own is heard on tech, and nobody else may say one under its name", async () => {
  const hub = await bench.start({}, undefined, boards);
  const ear = await bench.techOut();
  hub.beat({
    name: "bowline_sim-1",
    creator: "gw-1",
    isAlive: true,
    message: 'it says "hi"',
    frequencyMs: 60_000,
  });
  await until(() => ear.heard.length === 1);
  expect(Buffer.from(read(ear.heard[0]).data).toString()).toMatch(
    /^\{ "sync_time" : \d+, "name" : "bowline_sim-1", "is_alive" : true, "message" : "it says \\"hi\\""\}$/,
  );
  const push = await bench.techIn();
  const beat = (name: string) => textOf({ sync_time: 1, name, is_alive: false, message: "" });
  for (const name of ["bowline_sim-1", "example_clock"])
    await push.send([...framesOf(messageOf({ type: "data", spec: "monitoring", data: beat(name) }))]);
  await until(() => ear.heard.length === 2);
  expect(dataOf(ear.heard[1]).name).toBe("example_clock");
  expect(
    hub.components().map(({ name, isDown, address }) => [name, isDown, address.replace(/:\d+$/, "")]),
  ).toEqual([
    ["bowline_sim-1", false, "here"],
    ["example_clock", true, "127.0.0.1"],
  ]);
  expect(hub.counts.dropped).toEqual({ OWN_NAME: 1 });
  hub.forget("bowline_sim-1");
  expect(hub.monitoring().map(({ name }) => name)).toEqual(["example_clock"]);
});

test("a component whose tech connection ends is dead at once", async () => {
  const hub = await bench.start();
  const push = await bench.techIn();
  const data = textOf({ sync_time: 1, name: "example_clock", is_alive: true, message: "" });
  await push.send([...framesOf(messageOf({ type: "data", spec: "monitoring", data }))]);
  await until(() => hub.components().length === 1);
  bench.close(push);
  await until(() => hub.components()[0].state === "dead");
  expect(hub.history("example_clock").map(({ state }) => state)).toEqual(["gone", "unknown"]);
});

test("who says who it is is silent once a task stays unanswered beyond its patience, and no more once it answers", async () => {
  const hub = await bench.start({ controller: [{ ...clock[0], patienceMs: 100 }] });
  const tech = await bench.techIn();
  const beat = textOf({ sync_time: 1, name: "example_clock", is_alive: true, message: "" });
  const creator = "0000-clock";
  await tech.send([...framesOf(messageOf({ type: "data", spec: "monitoring", creator, data: beat }))]);
  await until(() => hub.components().length === 1);
  const given: string[] = [];
  const port = hub.addresses!.controller.example_clock;
  const worker = new PullClient({
    ...{ host: "127.0.0.1", port, properties: { "X-Bowline-Creator": creator } },
    onMessage: (parts) => void given.push(read(parts).id),
  });
  worker.start();
  const { id } = await hub.submit({ spec: "example_clock", data: 1 }, by);
  await until(() => hub.components()[0].isSilent);
  expect(hub.task(id)).toMatchObject({ state: "delivered", isSilent: true, on: creator });
  const silent = () => hub.tasks({ limit: 9, state: "silent" }).map((one) => one.id);
  expect(silent()).toEqual([id]);
  const next = await hub.submit({ spec: "example_clock", data: 2 }, by);
  await until(() => given.length === 2);
  expect(given).toEqual([id, next.id]);
  const answer = messageOf({ type: "result", spec: "example_clock", pid: id, creator });
  await (await bench.comIn()).send([...framesOf(answer)]);
  await until(() => !hub.components()[0].isSilent);
  expect(hub.task(id)).toMatchObject({ state: "result", isSilent: false });
  expect(silent()).toEqual([]);
  await worker.stop();
});

test("whoever subscribes to changes hears of components, tasks and kills, and nothing afterwards", async () => {
  const hub = await bench.start();
  const changes: HubChange[] = [];
  const end = hub.changes.subscribe((change) => void changes.push(change));
  const { id } = await hub.submit({ spec: "example_clock", data: 1 }, by);
  await hub.kill(id, { by });
  hub.beat({ name: "bowline_sim-1", creator: "gw-1", isAlive: true, message: "", frequencyMs: 60_000 });
  await until(() => changes.some(({ kind }) => kind === "component"));
  expect(changes).toEqual(
    expect.arrayContaining([
      { kind: "task", id },
      { kind: "component", name: "bowline_sim-1" },
      { kind: "kill", kill: expect.objectContaining({ task: id, outcome: "confirmed" }) },
    ]),
  );
  end();
  const { length } = changes;
  await hub.submit({ spec: "example_clock", data: 1 }, by);
  await new Promise(setImmediate);
  expect(changes).toHaveLength(length);
});

test("an id that is none is refused and audited", async () => {
  const hub = await bench.start();
  expect(await hub.kill("restart_communicational", { by })).toMatchObject({ outcome: "refused", by });
  hub.refuseKill(drawId(), by, "a read token may not");
  expect(hub.kills(10).map(({ why }) => why)).toEqual(
    expect.arrayContaining(["no id of a task: allowed are 40 letters and digits", "a read token may not"]),
  );
  expect(hub.counts.refusedKills.http).toBe(2);
});
