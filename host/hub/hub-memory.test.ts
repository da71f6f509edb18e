/** What of the hub is there again after it ended, however it ended. */
import { afterEach, describe, expect, test } from "vitest";
import { decodeMessage } from "../monique/body.ts";
import { drawId } from "../monique/id.ts";
import type { Message } from "../monique/message.ts";
import { until } from "../platform/testing/until.ts";
import type { Change } from "../store/database.ts";
import { MemoryDatabase } from "../store/memory-database.ts";
import { openTestStore } from "../testing/stores.ts";
import type { LocalWorkers } from "./local-workers.ts";
import { TestBoards } from "./testing/boards.ts";
import { HubBench } from "./testing/components.ts";
import { framesOf, messageOf, textOf } from "./testing/messages.ts";

/** A disk of which one process at a time has the end: what an older one still writes is lost, as it is after kill -9. */
class Disk extends MemoryDatabase {
  private turn = 0;

  takeOver(): MemoryDatabase {
    const turn = ++this.turn;
    const disk = this;
    return new Proxy(this, {
      get(target, name) {
        if (name === "write")
          return async (changes: Change[]) => (disk.turn === turn ? target.write(changes) : undefined);
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }
}

const benches: HubBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.stop();
});

const clock = { controller: [{ spec: "example_clock", port: 0, patienceMs: 300_000 }] };
const by = { via: "local", who: "test" } as const;
const task = (data: unknown = {}) => messageOf({ type: "config", spec: "example_clock", data: textOf(data) });
const idOf = (parts: readonly Uint8Array[]) => (decodeMessage(parts[1]) as Message).id;

/** A hub over this disk; the one before is as good as killed. */
async function hubOver(disk: Disk, twins: LocalWorkers | null = null): Promise<HubBench> {
  const bench = new HubBench();
  benches.push(bench);
  await bench.start(clock, await openTestStore(disk.takeOver()), twins);
  return bench;
}

describe("tasks that had not ended", () => {
  test("go on in their order, the one that a worker had before those that waited", async () => {
    const disk = new Disk();
    const before = await hubOver(disk);
    const push = await before.comIn();
    const tasks = [task(1), task(2), task(3)];
    const worker = await before.worker("example_clock");
    for (const one of tasks) await push.send([...framesOf(one)]);
    await until(() => worker.heard.length === 1 && before.hub.task(tasks[2].id) !== undefined);
    // What is handed over after them is in the store when this resolves, so they are.
    const last = await before.hub.submit({ spec: "example_clock", data: 4 }, by);
    const after = await hubOver(disk);
    expect(after.hub.tasks().map(({ id, state }) => [id, state])).toEqual(
      [...tasks, last].map(({ id }) => [id, "queued"]).reverse(),
    );
    const again = await after.worker("example_clock");
    const answers = await after.comIn();
    let answered = 0;
    await until(async () => {
      for (; answered < again.heard.length; answered++)
        await answers.send([
          ...framesOf(messageOf({ type: "result", spec: "example_clock", pid: idOf(again.heard[answered]) })),
        ]);
      return answered === 4;
    });
    expect(again.heard.map(idOf)).toEqual([...tasks, last].map(({ id }) => id));
    await until(() => after.hub.counts.tasks.tasks === 0);
    await until(async () => (await records(after, "mt/")).length === 0);
  });

  test("one whose time was over meanwhile is given to nobody, and its requester is told", async () => {
    const disk = new Disk();
    const before = await hubOver(disk);
    const { id } = await before.hub.submit({ spec: "example_clock", data: 1, expiresInMs: 30 }, by);
    const next = await before.hub.submit({ spec: "example_clock", data: 2 }, by);
    await until(() => before.hub.task(id)?.state === "expired");
    const after = await hubOver(disk);
    const worker = await after.worker("example_clock");
    await until(() => worker.heard.length === 1);
    expect(idOf(worker.heard[0])).toBe(next.id);
  });

  test("a board's is handed over to its worker again, under its id", async () => {
    const disk = new Disk();
    const first = new TestBoards();
    const before = await hubOver(disk, first);
    const { id } = await before.hub.submit({ spec: "bowline_sim-1", data: { ot: "l:led" } }, by);
    expect(first.given.map(({ task }) => task.id)).toEqual([id]);
    const second = new TestBoards();
    const after = await hubOver(disk, second);
    expect(second.given.map(({ task }) => [task.id, Buffer.from(task.message.data).toString()])).toEqual([
      [id, '{"ot":"l:led"}'],
    ]);
    second.given[0].events.onRunning("sim-1");
    expect(after.hub.task(id)).toMatchObject({ state: "running", on: "sim-1" });
    second.given[0].events.onResult({ v: 1 });
    expect(await after.hub.whenEnded(id)).toMatchObject({ state: "result", result: { v: 1 } });
  });
});

describe("tasks that everyone heard and nobody had answered", () => {
  test("are not said to be killed because those who heard them are not back yet", async () => {
    const disk = new Disk();
    const before = await hubOver(disk);
    const { id } = await before.hub.submit({ spec: "example_simple", data: 1 }, by);
    const after = await hubOver(disk);
    const killed = after.hub.kill(id, { by });
    expect(after.hub.task(id)).toMatchObject({ state: "queued", kill: "pending" });
    const pid = id;
    const gone = { code: 301, message: "task killed" };
    const com = await after.comIn();
    await com.send([
      ...framesOf(messageOf({ type: "error", spec: "example_simple", pid, data: textOf(gone) })),
    ]);
    expect(await killed).toMatchObject({ outcome: "confirmed", how: "the component said so" });
  });

  const asked = (fields: object = {}) => ({ spec: "example_radio", data: 1, id: drawId(), ...fields });

  test("are known again as they were when they were handed over here, are not said again, and an answer ends them", async () => {
    const disk = new Disk();
    const before = await hubOver(disk);
    const [quiet, begun] = [asked(), asked()];
    await before.hub.submit(quiet, by);
    await before.hub.submit(begun, by);
    const said = { type: "data", spec: "example_radio", pid: begun.id, creator: "radio-1" } as const;
    const heard = messageOf({ type: "config", spec: "example_radio" });
    const push = await before.comIn();
    for (const one of [heard, messageOf(said)]) await push.send([...framesOf(one)]);
    await until(() => before.hub.task(begun.id)?.state === "running");
    const views = [before.hub.task(quiet.id), before.hub.task(begun.id)];
    // In the store with what came before it.
    await before.hub.submit({ spec: "example_clock", data: 1 }, by);
    const after = await hubOver(disk);
    const ear = await after.comOut("config:example_radio");
    expect([after.hub.task(quiet.id), after.hub.task(begun.id)]).toEqual(views);
    // What components said to each other is theirs.
    expect(after.hub.task(heard.id)).toBeUndefined();
    expect(await after.hub.submit(quiet, by)).toEqual(views[0]);
    await expect(after.hub.submit({ ...quiet, data: 2 }, by)).rejects.toMatchObject({
      code: "TASK_ID_REUSED",
    });
    const ended = after.hub.whenEnded(begun.id);
    const answer = messageOf({ ...said, type: "result", data: textOf("on air") });
    await (await after.comIn()).send([...framesOf(answer)]);
    expect(await ended).toMatchObject({ state: "result", on: "radio-1", result: "on air" });
    const next = await after.hub.submit(asked(), by);
    await until(() => ear.heard.length > 0);
    expect(ear.heard.map(idOf)).toEqual([next.id]);
  });

  test("expire in their time, and end as killed when that was asked for", async () => {
    const disk = new Disk();
    const before = await hubOver(disk);
    await before.comOut("config:example_radio");
    const [short, killed] = [asked({ expiresInMs: 300 }), asked()];
    await before.hub.submit(short, by);
    await before.hub.submit(killed, by);
    void before.hub.kill(killed.id, { by });
    await before.hub.submit({ spec: "example_clock", data: 1 }, by);
    const after = await hubOver(disk);
    expect(after.hub.task(killed.id)).toMatchObject({ state: "killed" });
    expect(await after.hub.whenEnded(short.id)).toMatchObject({ state: "expired" });
    await until(async () => (await records(after, "mt/")).length === 1);
  });
});

describe("tasks that had ended", () => {
  test("are the same tasks, with their answers, and nobody is given them again", async () => {
    const disk = new Disk();
    const before = await hubOver(disk);
    const worker = await before.worker("example_clock");
    const answers = await before.comIn();
    const asked = { spec: "example_clock", data: { zone: "utc" }, id: drawId() };
    const failing = { spec: "example_clock", data: { zone: "?" }, id: drawId() };
    for (const [one, type, said] of [
      [asked, "result", { time: "12:00" }],
      [failing, "error", { code: 501, message: "no such zone" }],
    ] as const) {
      await before.hub.submit(one, by);
      await until(() => worker.heard.some((parts) => idOf(parts) === one.id));
      const fields = { type, spec: "example_clock", pid: one.id, creator: "0000-clock" };
      await answers.send([...framesOf(messageOf({ ...fields, data: textOf(said) }))]);
      await before.hub.whenEnded(one.id);
    }
    const views = [before.hub.task(asked.id), before.hub.task(failing.id)];
    expect(views).toMatchObject([
      { state: "result", on: "0000-clock", result: { time: "12:00" } },
      { state: "error", on: "0000-clock", error: { code: 501, message: "no such zone" } },
    ]);
    await until(async () => (await records(before, "me/")).length === 2);
    expect(await records(before, "mt/")).toEqual([]);

    const after = await hubOver(disk);
    const again = await after.worker("example_clock");
    expect([await after.hub.submit(asked, by), await after.hub.submit(failing, by)]).toEqual(views);
    expect(await after.hub.whenEnded(asked.id)).toEqual(views[0]);
    const other = after.hub.submit({ ...asked, data: { zone: "cet" } }, by);
    await expect(other).rejects.toMatchObject({ code: "TASK_ID_REUSED" });
    const next = await after.hub.submit({ spec: "example_clock", data: 3 }, by);
    await until(() => again.heard.length > 0);
    expect(again.heard.map(idOf)).toEqual([next.id]);
  });

  test("of those that everyone heard: what was handed over here is known, with its answer", async () => {
    const disk = new Disk();
    const before = await hubOver(disk);
    const asked = { spec: "example_radio", data: 1, id: drawId() };
    await before.hub.submit(asked, by);
    await before.hub.submit({ spec: "example_radio", type: "result", pid: asked.id, data: "on air" }, by);
    await until(async () => (await records(before, "me/")).length === 1);
    const after = await hubOver(disk);
    const ear = await after.comOut("config:");
    expect(await after.hub.submit(asked, by)).toMatchObject({ state: "result", result: "on air" });
    const next = await after.hub.submit({ spec: "example_radio", data: 2 }, by);
    await until(() => ear.heard.length > 0);
    expect(ear.heard.map(idOf)).toEqual([next.id]);
  });

  test("are kept as long as they are known: the oldest answers go first", async () => {
    const disk = new Disk();
    const before = await hubOver(disk);
    const worker = await before.worker("example_clock");
    const answers = await before.comIn();
    const ids: string[] = [];
    for (let i = 0; i < 19; i++) {
      const { id } = await before.hub.submit({ spec: "example_clock", data: i }, by);
      ids.push(id);
      await until(() => worker.heard.length === i + 1);
      const data = textOf("x".repeat(1_000_000));
      await answers.send([...framesOf(messageOf({ type: "result", spec: "example_clock", pid: id, data }))]);
      await before.hub.whenEnded(id);
    }
    await until(async () => (await records(before, "mt/")).length === 0);
    // 16 MiB hold sixteen of them.
    expect(await records(before, "me/")).toHaveLength(16);
    const after = await hubOver(disk);
    expect(after.hub.tasks().map(({ id }) => id)).toEqual(ids.slice(3).reverse());
  });

  test("by a kill are not done by the next hub: neither one that waited, as soon as that was told, nor one that was with a worker", async () => {
    const disk = new Disk();
    const before = await hubOver(disk);
    const worker = await before.worker("example_clock");
    const running = await before.hub.submit({ spec: "example_clock", data: 1 }, by);
    const waiting = await before.hub.submit({ spec: "example_clock", data: 2 }, by);
    await until(() => worker.heard.length === 1);
    void before.hub.kill(running.id, { by });
    expect(await before.hub.kill(waiting.id, { by })).toMatchObject({ outcome: "confirmed" });
    const after = await hubOver(disk);
    expect([after.hub.task(running.id)?.state, after.hub.task(waiting.id)?.state]).toEqual([
      "killed",
      "killed",
    ]);
    const again = await after.worker("example_clock");
    const next = await after.hub.submit({ spec: "example_clock", data: 3 }, by);
    await until(() => again.heard.length > 0);
    expect(again.heard.map(idOf)).toEqual([next.id]);
  });

  test("by a kill that a board had not heard yet: the board's worker is told again, and the task ends as killed", async () => {
    const disk = new Disk();
    const first = new TestBoards();
    first.isTold = new Promise(() => {});
    const before = await hubOver(disk, first);
    const { id } = await before.hub.submit({ spec: "bowline_sim-1", data: { ot: "l:led" } }, by);
    void before.hub.kill(id, { by });
    // In the store with what came before it.
    await before.hub.submit({ spec: "example_clock", data: 1 }, by);
    const second = new TestBoards();
    const after = await hubOver(disk, second);
    expect(second.killed).toEqual([id]);
    await until(() => after.hub.task(id)?.state === "killed");
  });
});

test("who killed what is known, and what was not over by then is unconfirmed", async () => {
  const disk = new Disk();
  const before = await hubOver(disk);
  const worker = await before.worker("example_clock");
  const { id } = await before.hub.submit({ spec: "example_clock", data: 1 }, by);
  await until(() => worker.heard.length === 1);
  before.hub.refuseKill("x", { via: "http", who: "reader" }, "a read token may not");
  await before.hub.kill(drawId(), { by });
  void before.hub.kill(id, { by });
  await until(async () => (await records(before, "ma/done/")).length === 1);
  await until(async () => (await records(before, "ma/refused/")).length === 1);
  const after = await hubOver(disk);
  expect(after.hub.kills(10)).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ task: id, outcome: "unconfirmed", how: "the gateway ended" }),
      expect.objectContaining({ outcome: "unknown", by }),
      expect.objectContaining({ task: "x", outcome: "refused", why: "a read token may not" }),
    ]),
  );
  expect(after.hub.counts.kills).toMatchObject({ unconfirmed: 1, unknown: 1, refused: 1, pending: 0 });
  const more = await after.hub.kill(drawId(), { by });
  expect(after.hub.kills(10)).toHaveLength(4);
  expect(after.hub.kills(1)).toEqual([more]);
});

test("who is told what came of a kill finds it in the audit, however soon the hub dies", async () => {
  const disk = new Disk();
  const before = await hubOver(disk);
  const told = [await before.hub.kill(drawId(), { by }), await before.hub.kill(drawId(), { by })];
  const after = await hubOver(disk);
  expect(after.hub.kills(10)).toEqual(expect.arrayContaining(told));
});

test("kills of unknown tasks push out none that was done", async () => {
  const { hub } = await hubOver(new Disk());
  const { id } = await hub.submit({ spec: "example_nobody", data: 1 }, by);
  await hub.kill(id, { by });
  const unknown = Array.from({ length: 1500 }, () => hub.kill(drawId(), { by }));
  expect((await Promise.all(unknown)).every(({ outcome }) => outcome === "unknown")).toBe(true);
  const kept = hub.kills(10_000);
  expect(kept.filter(({ task }) => task === id)).toHaveLength(1);
  expect(kept).toHaveLength(201);
  expect(hub.counts.kills.unknown).toBe(1500);
});

test("components are as they were until they are heard again", async () => {
  const disk = new Disk();
  const before = await hubOver(disk);
  const beat = (sync_time: number) =>
    messageOf({
      ...{ type: "data", spec: "monitoring", creator: "0000-clock" },
      data: textOf({ sync_time, name: "example_clock", is_alive: true, message: "well" }),
    });
  const push = await before.techIn();
  await push.send([...framesOf(beat(1000))]);
  await until(() => before.hub.components().length === 1);
  await before.hub.stop();
  await before.store.stop();
  const after = await hubOver(disk);
  expect(after.hub.components()).toMatchObject([
    { name: "example_clock", state: "unknown", message: "well", syncTime: 1000, instances: 0 },
  ]);
  expect(after.hub.monitoring()).toEqual([
    { sync_time: 1000, name: "example_clock", is_alive: true, message: "well" },
  ]);
  await (await after.techIn()).send([...framesOf(beat(2000))]);
  await until(() => after.hub.components()[0].syncTime === 2000);
  expect(after.hub.components()).toMatchObject([{ instances: 1, heartbeats: 2, state: "alive" }]);
});

async function records({ store }: HubBench, prefix: string): Promise<string[]> {
  return (await store.records(prefix)).map(([key]) => key);
}
