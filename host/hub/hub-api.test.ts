/** What others may ask of the hub: tasks handed over here, boards as workers, heartbeats of our own, changed settings. */
import { type AddressInfo, createServer } from "node:net";
import { encode } from "@msgpack/msgpack";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodeMessage } from "../monique/body.ts";
import { drawId } from "../monique/id.ts";
import type { Message } from "../monique/message.ts";
import { until } from "../platform/testing/until.ts";
import { PullClient } from "../zmtp/pull-client.ts";
import type { HubChange } from "./hub-changes.ts";
import type { LocalTask, LocalTaskEvents, LocalWorkers } from "./local-workers.ts";
import { HubBench, hubSettings } from "./testing/components.ts";
import { framesOf, messageOf, textOf } from "./testing/messages.ts";

const by = { via: "http", who: "operator" } as const;
const clock = [{ spec: "example_clock", port: 0, patienceMs: 300_000 }];
const read = (parts: readonly Uint8Array[]) => decodeMessage(parts[1]) as Message;
const dataOf = (parts: readonly Uint8Array[]) => JSON.parse(Buffer.from(read(parts).data).toString());

class Boards implements LocalWorkers {
  readonly given: { task: LocalTask; events: LocalTaskEvents }[] = [];

  accepts(spec: string): boolean {
    return spec === "bowline_sim-1";
  }

  refusal(spec: string): string | undefined {
    return spec === "bowline_sim-9" ? "no such board" : undefined;
  }

  names(): ReadonlySet<string> {
    return new Set(["bowline_sim-1"]);
  }

  run(task: LocalTask, events: LocalTaskEvents): void {
    this.given.push({ task, events });
  }

  async kill(): Promise<"told"> {
    return "told";
  }
}

let bench: HubBench;
let boards: Boards;
beforeEach(async () => {
  bench = new HubBench();
  boards = new Boards();
});
afterEach(() => bench.stop());

describe("tasks that are handed over", () => {
  test("are messages of whoever asked, and end with what a component answers", async () => {
    const hub = await bench.start();
    const ear = await bench.comOut("config:example_calculator:");
    const view = await hub.submit(
      { spec: "example_calculator", data: { first: 1 }, expiresInMs: 60_000 },
      by,
    );
    await until(() => ear.heard.length === 1);
    const message = read(ear.heard[0]);
    expect(message).toMatchObject({
      id: view.id,
      creator: "operator",
      type: "config",
      encoding: "JSON",
      pid: "",
    });
    expect(message.expires_at - message.created_at).toBe(60_000);
    expect(dataOf(ear.heard[0])).toEqual({ first: 1 });
    const ended = hub.whenEnded(view.id);
    const fields = {
      type: "result",
      spec: "example_calculator",
      pid: view.id,
      creator: "0000-calc",
    } as const;
    await (await bench.comIn()).send([...framesOf(messageOf({ ...fields, data: textOf({ answer: 5 }) }))]);
    expect(await ended).toMatchObject({ state: "result", result: { answer: 5 }, on: "0000-calc" });
  });

  test("say nothing of who is at their parent; a component that asks for it does", async () => {
    const hub = await bench.start();
    const parent = await hub.submit({ spec: "example_report", data: 1 }, by);
    const child = await hub.submit({ spec: "example_page", data: 1, pid: parent.id }, by);
    expect(hub.task(parent.id)).toMatchObject({ state: "queued", on: "", children: [child.id] });
    const own = messageOf({ type: "config", spec: "example_page", pid: parent.id, creator: "report-1" });
    await (await bench.comIn()).send([...framesOf(own)]);
    await until(() => hub.task(parent.id)?.children.length === 2);
    expect(hub.task(parent.id)).toMatchObject({ state: "running", on: "report-1" });
  });

  test("that everyone hears tell how many heard them", async () => {
    const hub = await bench.start({ controller: clock });
    const unheard = await hub.submit({ spec: "example_report", data: 1 }, by);
    await bench.comOut("config:example_report");
    const heard = await hub.submit({ spec: "example_report", data: 1 }, by);
    const own = messageOf({ type: "config", spec: "example_report" });
    await (await bench.comIn()).send([...framesOf(own)]);
    await until(() => hub.task(own.id) !== undefined);
    expect([unheard, heard, hub.task(own.id)].map((view) => view?.listeners)).toEqual([0, 1, 1]);
    expect(await hub.submit({ spec: "example_clock", data: 1 }, by)).not.toHaveProperty("listeners");
  });

  test("for a board that there is none of are refused at once, unless a component asks for them", async () => {
    const hub = await bench.start({}, undefined, boards);
    const asked = { spec: "bowline_sim-9", data: 1 };
    const error = { code: 502, message: "no such board" };
    expect(await hub.submit(asked, by)).toMatchObject({ state: "error", error });
    // Who asks for everything only looks on.
    const all = await bench.comOut();
    const own = messageOf({ type: "config", spec: "bowline_sim-9" });
    const data = messageOf({ type: "data", spec: "bowline_sim-9" });
    const push = await bench.comIn();
    for (const one of [own, data]) await push.send([...framesOf(one)]);
    await until(() => all.heard.length === 3);
    expect(all.heard.map(read)).toMatchObject([
      { id: own.id },
      { type: "error", spec: "bowline_sim-9", pid: own.id },
      { id: data.id },
    ]);
    expect(dataOf(all.heard[1])).toEqual(error);
    await bench.comOut("config:bowline_sim-9");
    expect(await hub.submit(asked, by)).toMatchObject({ state: "queued", listeners: 2 });
  });

  test("under the same id are the same task, and another one is refused", async () => {
    const hub = await bench.start({ controller: clock });
    const id = drawId();
    await hub.submit({ spec: "example_clock", data: { zone: "utc" }, id }, by);
    await hub.submit({ spec: "example_clock", data: { zone: "utc" }, id }, by);
    expect(hub.tasks()).toHaveLength(1);
    const worker = await bench.worker("example_clock");
    await until(() => worker.heard.length === 1);
    const other = hub.submit({ spec: "example_clock", data: { zone: "cet" }, id }, by);
    await expect(other).rejects.toMatchObject({ code: "TASK_ID_REUSED" });
  });

  test.each([
    ["BAD_SPEC", { spec: "Example", data: 1 }],
    ["BAD_SPEC", { spec: "kill", data: { task_id: "" } }],
    ["SPEC_NOT_ALLOWED", { spec: "example_other", data: 1 }],
    ["BAD_TASK_ID", { spec: "example_clock", data: 1, id: "x" }],
    ["BAD_TASK_ID", { spec: "example_clock", data: 1, pid: "x" }],
    ["BAD_EXPIRY", { spec: "example_clock", data: 1, expiresInMs: 0 }],
    ["BAD_DATA", { spec: "example_clock", data: undefined }],
    ["TASK_TOO_LARGE", { spec: "example_clock", data: "x".repeat(1 << 20) }],
  ])("%s", async (code, task) => {
    const hub = await bench.start({ allow: ["example_clock"] });
    await expect(hub.submit(task, by)).rejects.toMatchObject({ code });
    expect(hub.tasks()).toEqual([]);
  });

  test("what JSON has no form for is shown as digits and base64, and hides no other task", async () => {
    const hub = await bench.start();
    const { id } = await hub.submit({ spec: "example_bank", data: 1 }, by);
    const data = encode({ sum: 2n ** 60n, key: new Uint8Array([1, 2]) }, { useBigInt64: true });
    const fields = { type: "result", spec: "example_bank", pid: id, encoding: "MessagePack" } as const;
    await (await bench.comIn()).send([...framesOf(messageOf({ ...fields, data }))]);
    await hub.whenEnded(id);
    expect(JSON.parse(JSON.stringify(hub.tasks()))).toMatchObject([
      { result: { sum: "1152921504606846976", key: { base64: "AQI=" } } },
    ]);
  });

  test("of a long error of a board's twin the beginning is kept, and said", async () => {
    const hub = await bench.start({}, undefined, boards);
    const { id } = await hub.submit({ spec: "bowline_sim-1", data: { ot: "l:led" } }, by);
    boards.given[0].events.onError(502, "x".repeat(1_000_000));
    expect(hub.task(id)?.error?.message).toHaveLength(4096);
  });

  test("an answer that is handed over ends its task, whoever has it", async () => {
    const hub = await bench.start({ controller: clock });
    const worker = await bench.worker("example_clock");
    const { id } = await hub.submit({ spec: "example_clock", data: 1 }, by);
    await until(() => worker.heard.length === 1);
    const next = await hub.submit({ spec: "example_clock", data: 2 }, by);
    await hub.submit({ spec: "example_clock", type: "result", pid: id, data: { time: "12:00" } }, by);
    expect(hub.task(id)).toMatchObject({ state: "result", on: "operator", result: { time: "12:00" } });
    await until(() => worker.heard.length === 2);
    expect(hub.task(next.id)?.on).not.toBe("operator");
  });

  test("of another type are said, and over", async () => {
    const hub = await bench.start();
    const ear = await bench.comOut();
    expect(await hub.submit({ spec: "example_radio", type: "data", data: "on air" }, by)).toMatchObject({
      state: "result",
    });
    await until(() => ear.heard.length === 1);
    expect(ear.tags[0]).toMatch(/^data:example_radio:.{40}::operator$/);
  });

  test("whoever waits for one that nobody knows is told, and waits no longer than it wants to", async () => {
    const hub = await bench.start();
    await expect(hub.whenEnded(drawId())).rejects.toMatchObject({ code: "NO_SUCH_TASK" });
    const { id } = await hub.submit({ spec: "example_clock", data: 1 }, by);
    const patience = new AbortController();
    const waiting = hub.whenEnded(id, patience.signal);
    patience.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });

  test("are refused when too many wait, and those of components are answered by an error", async () => {
    const hub = await bench.start({ controller: clock, taskLimits: { tasks: 4, bytes: 3000 } });
    for (let i = 0; i < 4; i++) await hub.submit({ spec: "example_clock", data: "x".repeat(300) }, by);
    const fifth = hub.submit({ spec: "example_clock", data: "x" }, by);
    await expect(fifth).rejects.toMatchObject({ code: "QUEUE_FULL" });
    await hub.kill(hub.tasks()[0].id, { by });
    const big = hub.submit({ spec: "example_clock", data: "x".repeat(1500) }, by);
    await expect(big).rejects.toMatchObject({ code: "QUEUE_FULL" });
    const ear = await bench.comOut("error:example_clock:");
    const task = messageOf({ type: "config", spec: "example_clock", data: textOf("x".repeat(1500)) });
    await (await bench.comIn()).send([...framesOf(task)]);
    await until(() => ear.heard.length === 1);
    expect(dataOf(ear.heard[0])).toEqual({ code: 300, message: "too many tasks wait" });
    expect(read(ear.heard[0]).pid).toBe(task.id);
  });
});

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

test("settings that change: a spec that goes keeps what waits, one that comes has workers at once", async () => {
  const hub = await bench.start({ controller: clock });
  const { id } = await hub.submit({ spec: "example_clock", data: 1 }, by);
  const bank = { spec: "example_bank", port: 0, patienceMs: 1000 };
  expect(await hub.reload({ ...hubSettings, controller: [bank] })).toEqual({
    ...{ added: ["example_bank"], removed: ["example_clock"], changed: [] },
  });
  expect(Object.keys(hub.addresses!.controller)).toEqual(["example_bank"]);
  expect(hub.task(id)?.state).toBe("queued");
  const worker = await bench.worker("example_bank");
  const banked = await hub.submit({ spec: "example_bank", data: 1 }, by);
  await until(() => worker.heard.length === 1);
  expect(read(worker.heard[0]).id).toBe(banked.id);
  const changed = await hub.reload({ ...hubSettings, controller: [...clock, { ...bank, patienceMs: 2000 }] });
  expect(changed).toEqual({ added: ["example_clock"], removed: [], changed: ["example_bank"] });
  const again = await bench.worker("example_clock");
  await until(() => again.heard.length === 1);
  expect(read(again.heard[0]).id).toBe(id);
});

test("settings whose port is busy change nothing", async () => {
  const hub = await bench.start({ controller: clock });
  const worker = await bench.worker("example_clock");
  const holder = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  const { port } = holder.address() as AddressInfo;
  const bank = { spec: "example_bank", port, patienceMs: 1000 };
  const reload = hub.reload({ ...hubSettings, allow: ["example_bank"], controller: [bank] });
  await expect(reload).rejects.toMatchObject({ code: "PORT_BUSY" });
  holder.close();
  expect(Object.keys(hub.addresses!.controller)).toEqual(["example_clock"]);
  await hub.submit({ spec: "example_bank", data: 1 }, by);
  expect(hub.counts.tasks.tasks).toBe(0);
  await hub.submit({ spec: "example_clock", data: 1 }, by);
  bench.close(worker.socket);
  const again = await bench.worker("example_clock");
  await until(() => again.heard.length === 1);
});

test("settings that are changed twice at once are the last ones, and no other port stays open", async () => {
  const hub = await bench.start();
  const bank = { spec: "example_bank", port: 0, patienceMs: 1000 };
  const changes = [clock, [...clock, bank], []];
  await Promise.all(changes.map((controller) => hub.reload({ ...hubSettings, controller })));
  expect(hub.addresses!.controller).toEqual({});
});

test("a port that is busy is named, and nothing stays open", async () => {
  const hub = await bench.start();
  const other = new HubBench();
  const { com } = hub.addresses!;
  const starting = other.start({ com: { in: com.in, out: 0 } });
  await expect(starting).rejects.toMatchObject({ code: "PORT_BUSY" });
  await expect(starting).rejects.toThrow("monique.hub.com.in");
  expect(other.hub.addresses).toBeNull();
  await other.stop();
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
