/** Settings of the hub that change while it runs, and ports that it does not get. */
import { type AddressInfo, createServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { decodeMessage } from "../monique/body.ts";
import type { Message } from "../monique/message.ts";
import { until } from "../platform/testing/until.ts";
import { HubBench, hubSettings } from "./testing/components.ts";

const by = { via: "http", who: "operator" } as const;
const clock = [{ spec: "example_clock", port: 0, patienceMs: 300_000 }];
const read = (parts: readonly Uint8Array[]) => decodeMessage(parts[1]) as Message;

let bench: HubBench;
beforeEach(() => {
  bench = new HubBench();
});
afterEach(() => bench.stop());

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
