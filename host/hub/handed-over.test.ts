import { encode } from "@msgpack/msgpack";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodeMessage } from "../monique/body.ts";
import { drawId } from "../monique/id.ts";
import type { Message } from "../monique/message.ts";
import { until } from "../platform/testing/until.ts";
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
