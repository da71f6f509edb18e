import { expect, test } from "vitest";
import { BowlineError } from "../platform/errors.ts";
import { EventStream } from "./event-stream.ts";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { SlowClient } from "./testing/slow-client.ts";

const greeting = { gateway: "pi", version: "0", epoch: "e" };

/** What the store is asked for comes with the next turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

function begin(gateway: FakeGateway): { client: SlowClient; stream: EventStream } {
  const client = new SlowClient();
  const stream = new EventStream(client, gateway.store, (kind, names) =>
    kind === "device"
      ? gateway.devices.filter(({ id }) => names.has(id)).map((view) => ({ name: view.id, view }))
      : [...names].map((name) => ({ name, view: { [kind]: name } })),
  );
  stream.start(greeting, 1);
  return { client, stream };
}

test("a client that does not read costs little memory, and gets everything once it reads", async () => {
  const gateway = new FakeGateway();
  const { client, stream } = begin(gateway);
  for (let i = 0; i < 3000; i++) {
    gateway.deliver({ ot: "l:blob", blob: "x".repeat(1000) });
    stream.pump();
  }
  expect(client.writableLength).toBeLessThan(20_000);
  await client.readAll();
  expect(client.numbers).toEqual(Array.from({ length: 3000 }, (_, i) => i + 1));
});

test("what the store gave up while a client did not read is told as a gap", async () => {
  const gateway = new FakeGateway();
  const { client, stream } = begin(gateway);
  for (let i = 0; i < 100; i++) gateway.deliver({ ot: "l:blob", blob: "x".repeat(1000) });
  stream.pump();
  gateway.store.dropBefore(91);
  await client.readAll();
  const gap = /event: gap\nid: 90\ndata: {"from":(\d+),"to":90}/.exec(client.text);
  const seen = Number(gap?.[1]) - 1;
  expect(client.numbers).toEqual([
    ...Array.from({ length: seen }, (_, i) => i + 1),
    ...Array.from({ length: 10 }, (_, i) => i + 91),
  ]);
});

test("a board that changed a hundred times while a client did not read is written once", async () => {
  const gateway = new FakeGateway();
  const { client, stream } = begin(gateway);
  gateway.deliver({ ot: "l:blob", blob: "x".repeat(20_000) });
  stream.pump();
  for (let i = 0; i < 100; i++) {
    gateway.change("sim-1", { connections: i });
    stream.noteChange("device", "sim-1");
    stream.flush();
  }
  await client.readAll();
  expect(client.text.match(/event: device/g)).toHaveLength(1);
  expect(client.text).toContain('"connections":99');
});

test("boards that changed all at once are written as fast as the client reads, each once", async () => {
  const gateway = new FakeGateway();
  const { client, stream } = begin(gateway);
  const ids = Array.from({ length: 100 }, (_, i) => `board-${i}`);
  for (const id of ids) {
    gateway.change(id, { caps: ["x".repeat(5000)] });
    stream.noteChange("device", id);
  }
  stream.flush();
  expect(client.writableLength).toBeLessThan(30_000);
  await client.readAll();
  const written = [...client.text.matchAll(/^event: device\ndata: {"id":"([^"]+)"/gm)].map(([, id]) => id);
  expect(written.sort()).toEqual(ids.sort());
});

test("a client that takes nothing for three heartbeats is given up, one that reads is not", async () => {
  const gateway = new FakeGateway();
  gateway.deliver({ ot: "l:blob", blob: "x".repeat(20_000) });
  const stuck = begin(gateway);
  await turn();
  for (let i = 0; i < 2; i++) stuck.stream.beat();
  expect(stuck.client.destroyed).toBe(false);
  stuck.stream.beat();
  expect(stuck.client.destroyed).toBe(true);

  const reading = begin(gateway);
  for (let i = 0; i < 10; i++) {
    gateway.deliver({ ot: "l:blob", blob: "x".repeat(20_000) });
    reading.stream.pump();
    await turn();
    reading.stream.beat();
    await reading.client.readAll();
  }
  reading.stream.beat();
  await reading.client.readAll();
  expect(reading.client.destroyed).toBe(false);
  expect(reading.client.text).toMatch(/\n\n:\n\n$/);
});

test("tasks that changed are written one by one up to a bound, and how many more there are", async () => {
  const { client, stream } = begin(new FakeGateway());
  for (let i = 0; i < 2000; i++) stream.noteChange("task", `task-${i % 600}`);
  stream.noteChange("component", "example_clock");
  stream.flush();
  await client.readAll();
  const written = [...client.text.matchAll(/^event: task\ndata: {"task":"task-(\d+)"}/gm)].map(([, n]) =>
    Number(n),
  );
  expect(written).toEqual(Array.from({ length: 500 }, (_, i) => i));
  expect(client.text).toContain('event: tasks\ndata: {"skipped":300}\n');
  expect(client.text).toContain('event: component\ndata: {"component":"example_clock"}\n');
});

test("of lines of IRC that a client does not read, the newest wait", async () => {
  const gateway = new FakeGateway();
  const { client, stream } = begin(gateway);
  for (let i = 0; i < 100; i++) gateway.deliver({ ot: "l:blob", blob: "x".repeat(1000) });
  stream.pump();
  await turn();
  for (let n = 1; n <= 700; n++) stream.noteChange("irc", `lab ${n}`);
  await client.readAll();
  const told = [...client.text.matchAll(/event: irc\ndata: {"irc":"lab (\d+)"}/g)].map(([, n]) => Number(n));
  expect(told).toEqual(Array.from({ length: 500 }, (_, i) => i + 201));
});

test("a stream that is ended while its client does not read writes nothing more", async () => {
  const gateway = new FakeGateway();
  const { client, stream } = begin(gateway);
  for (let i = 0; i < 5; i++) gateway.deliver({ ot: "l:blob", blob: "x".repeat(20_000) });
  stream.pump();
  await turn();
  stream.stop();
  client.emit("drain");
  await client.readAll();
  expect(client.numbers).toEqual([1]);
});

test("tasks that changed are written one by one up to a bound, and how many more there are", async () => {
  const { client, stream } = begin(new FakeGateway());
  for (let i = 0; i < 2000; i++) stream.noteChange("task", `task-${i % 600}`);
  stream.noteChange("component", "example_clock");
  stream.flush();
  await client.readAll();
  const written = [...client.text.matchAll(/^event: task\ndata: {"task":"task-(\d+)"}/gm)].map(([, n]) =>
    Number(n),
  );
  expect(written).toEqual(Array.from({ length: 500 }, (_, i) => i));
  expect(client.text).toContain('event: tasks\ndata: {"skipped":300}\n');
  expect(client.text).toContain('event: component\ndata: {"component":"example_clock"}\n');
});

test("a stream that is ended while the store is read writes nothing more of boards either", async () => {
  const gateway = new FakeGateway();
  const { client, stream } = begin(gateway);
  gateway.deliver({ ot: "l:temp" });
  stream.pump();
  gateway.change("sim-1");
  stream.noteChange("device", "sim-1");
  stream.stop();
  await turn();
  await client.readAll();
  expect(client.text).not.toContain("event: device");
  expect(client.errored).toBeNull();
});

test("a client that takes nothing, not even why its stream is over, is given up after three heartbeats", async () => {
  const gateway = new FakeGateway();
  const { client, stream } = begin(gateway);
  gateway.store.read = () => Promise.reject(new BowlineError("STORE_CORRUPT", "reading: damaged", 1));
  gateway.deliver({ ot: "l:temp" });
  stream.pump();
  await turn();
  for (let i = 0; i < 3; i++) stream.beat();
  expect([client.errored, client.destroyed]).toEqual([null, true]);
});

test("what the store gives up while it is being read is told as a gap", async () => {
  const gateway = new FakeGateway();
  const { client, stream } = begin(gateway);
  for (let i = 0; i < 10; i++) gateway.deliver({ ot: "l:temp" });
  const read = gateway.store.read.bind(gateway.store);
  gateway.store.read = (...wanted) => {
    gateway.store.dropBefore(6);
    return read(...wanted);
  };
  stream.pump();
  await turn();
  await client.readAll();
  expect(client.text).toContain('event: gap\nid: 5\ndata: {"from":1,"to":5}');
  expect(client.numbers).toEqual([6, 7, 8, 9, 10]);
});
