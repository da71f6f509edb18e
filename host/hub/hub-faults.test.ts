/** What the hub takes while the store takes nothing, what it remembers of a store that another version wrote, and a hub without ports. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { drawId } from "../monique/id.ts";
import { until } from "../platform/testing/until.ts";
import type { Change } from "../store/database.ts";
import { MemoryDatabase } from "../store/memory-database.ts";
import { openTestStore, outcome } from "../testing/stores.ts";
import { HubBench, hubSettings } from "./testing/components.ts";

const by = { via: "http", who: "operator" } as const;
const clock = [{ spec: "example_clock", port: 0, patienceMs: 300_000 }];

class FullDisk extends MemoryDatabase {
  isFull = false;

  override async write(changes: Change[]): Promise<void> {
    if (this.isFull) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    return super.write(changes);
  }
}

let bench: HubBench;
beforeEach(() => {
  bench = new HubBench();
});
afterEach(() => bench.stop());

test("a disk that is full: what would have to be kept is refused, what is known is told, kills are done", async () => {
  const disk = new FullDisk();
  const hub = await bench.start({ controller: clock }, await openTestStore(disk));
  const task = { spec: "example_clock", data: 1, id: drawId() };
  const known = await hub.submit(task, by);
  disk.isFull = true;
  void outcome((waiter) => bench.store.put([{ key: "x/1", value: { v: 1 } }], waiter));
  await until(() => bench.store.fault !== null);
  const { code } = bench.store.fault!;
  await expect(hub.submit({ spec: "example_clock", data: 2 }, by)).rejects.toMatchObject({ code });
  const answer = { spec: "example_clock", type: "result", pid: known.id, data: 1 } as const;
  await expect(hub.submit(answer, by)).rejects.toMatchObject({ code });
  expect(hub.tasks()).toEqual([known]);
  // It belongs to nothing that is kept.
  expect(await hub.submit({ spec: "example_news", type: "data", data: 1 }, by)).toMatchObject({ parent: "" });
  expect(await hub.submit(task, by)).toEqual(known);
  expect(await hub.kill(known.id, { by })).toMatchObject({ outcome: "confirmed" });
  disk.isFull = false;
  await until(() => bench.store.fault === null);
});

test("a task that another version kept is given up, and the others go on", async () => {
  const database = new MemoryDatabase();
  const store = await openTestStore(database);
  const before = new HubBench();
  const hub = await before.start({ controller: clock }, store);
  const { id } = await hub.submit({ spec: "example_clock", data: 1 }, by);
  const [[, whole]] = await store.records<Uint8Array>("mt/");
  const changed = (at: number) => whole.map((byte, i) => (i === at ? byte ^ 1 : byte));
  const tagAt = Buffer.from(whole).indexOf("config:");
  const foreign = [
    whole.subarray(0, 2),
    // Its tag names another type, its body another task.
    changed(tagAt),
    changed(tagAt + "config:example_clock:".length),
  ];
  const keys = foreign.map((_, i) => `mt/${String(100 + i).padStart(16, "0")}`);
  const records = foreign.map((value, i) => ({ key: keys[i], value }));
  expect(await outcome((waiter) => store.put(records, waiter))).toBe("");
  await bench.start({ controller: clock }, store);
  expect(bench.hub.tasks().map((task) => task.id)).toEqual([id]);
  await until(async () => (await store.records("mt/")).length === 1);
  before.closeSockets();
  await before.hub.stop();
});

test("a hub that listens nowhere takes settings and tasks all the same", async () => {
  const hub = await bench.start({ listens: false, controller: clock });
  expect(hub.addresses).toBeNull();
  const bank = { spec: "example_bank", port: 0, patienceMs: 1000 };
  expect(await hub.reload({ ...hubSettings, listens: false, controller: [bank] })).toMatchObject({
    ...{ added: ["example_bank"], removed: ["example_clock"] },
  });
  const { id } = await hub.submit({ spec: "example_bank", data: 1 }, by);
  expect(hub.task(id)).toMatchObject({ state: "queued" });
  expect(hub.addresses).toBeNull();
});

test("tasks are handed over, not published; who is no creator hands over as the hub", async () => {
  const hub = await bench.start();
  const view = await hub.submit({ spec: "example_radio", data: 1 }, { via: "irc", who: "ops:bridge" });
  expect(view.creator).toBe("gw-1");
  const message = {
    ...{ id: drawId(), pid: "", creator: "gw-1", created_at: 0, expires_at: 0, spec: "example_radio" },
    ...{ encoding: "JSON" as const, data: Buffer.from("1") },
  };
  expect(() => hub.publish({ ...message, type: "config" })).toThrow("publish: a task; submit() takes it");
});

test("tasks are asked for by their spec and state, and so many of them", async () => {
  const hub = await bench.start();
  const ids: string[] = [];
  for (const spec of ["example_a", "example_b", "example_a", "example_a"])
    ids.push((await hub.submit({ spec, data: 1 }, by)).id);
  await hub.kill(ids[3], { by });
  const asked = (query: object) => hub.tasks({ limit: 10, ...query }).map(({ id }) => id);
  expect(asked({ spec: "example_a" })).toEqual([ids[3], ids[2], ids[0]]);
  expect(asked({ spec: "example_a", state: "queued" })).toEqual([ids[2], ids[0]]);
  expect(asked({ limit: 1 })).toEqual([ids[3]]);
});

test("an answer that is handed over to a task that waits ends it, and no worker is given it", async () => {
  const hub = await bench.start({ controller: clock });
  const first = await hub.submit({ spec: "example_clock", data: 1 }, by);
  const second = await hub.submit({ spec: "example_clock", data: 2 }, by);
  await hub.submit({ spec: "example_clock", type: "result", pid: first.id, data: "12:00" }, by);
  expect(hub.task(first.id)).toMatchObject({ state: "result", result: "12:00", deliveries: 0 });
  const worker = await bench.worker("example_clock");
  await until(() => worker.heard.length === 1);
  expect(worker.tags[0]).toContain(second.id);
});
