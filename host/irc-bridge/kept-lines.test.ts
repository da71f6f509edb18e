/** Answers of one network: to each in their order, and nobody waits for what another does not hear. */
import { beforeEach, expect, test } from "vitest";
import { LineLane } from "../irc-iot/line.ts";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { openTestStore } from "../testing/stores.ts";
import { ANSWERS, type Answer } from "./answers.ts";
import { KeptLines } from "./kept-lines.ts";
import { LINES, type LineDocument } from "./line-stream.ts";
import { FakeNetwork } from "./testing/fake-network.ts";

let network: FakeNetwork;
let store: DurableStore;
let order = 0;

beforeEach(async () => {
  network = new FakeNetwork();
  store = await openTestStore();
});

async function kept(): Promise<KeptLines> {
  const options = {
    ...{ name: "n", network, store, log: silentLog, clock: { now: () => 0, wall: () => 1000 } },
    ...{ participant: {} as never, addresses: {} as never, routes: [], keepMs: 3_600_000 },
    ...{ nextOrder: () => String(++order).padStart(14, "0"), knows: () => true, say: () => "" },
  };
  const lines = await store.records<LineDocument>(LINES);
  return new KeptLines(options, { lines, answers: await store.records<Answer>(ANSWERS), routes: new Map() });
}

async function answer(lines: KeptLines, target: string, ...texts: string[]): Promise<void> {
  await new Promise<void>((resolve) =>
    lines.answers.keep(
      { target, isChannel: target.startsWith("#"), texts, datums: [], at: 1000 },
      [],
      resolve,
    ),
  );
  lines.wake();
}

const said = () => network.said.map(({ target, text }) => `${target} ${text}`);

test("who is not there, and a channel that we are not in, hold up no answer to others, and get theirs in order", async () => {
  network.away.add("ann");
  const lines = await kept();
  await answer(lines, "ann", "a1", "a2");
  await answer(lines, "#lab", "l1");
  await answer(lines, "bob", "b1");
  await answer(lines, "ann", "a3");
  await until(() => network.said.length === 1);
  expect(said()).toEqual(["bob b1"]);
  // Before telemetry, which leaves tokens to it.
  expect(network.said[0].line.lane).toBe(LineLane.CONTROL);
  lines.inChannel("#lab", true);
  lines.wake();
  await until(() => network.said.length === 2);
  network.away.delete("ann");
  network.online();
  await until(() => network.said.length === 5);
  expect(said().slice(1)).toEqual(["#lab l1", "ann a1", "ann a2", "ann a3"]);
  network.settle("confirmed");
  await until(async () => (await store.records(LINES)).length === 0);
  expect(lines.answers.depth).toBe(0);
});

test("whoever has another nick by then is told under that", async () => {
  network.away.add("ann");
  const lines = await kept();
  await answer(lines, "ann", "a1");
  lines.answers.rename("ann", "anna", (name) => name);
  lines.wake();
  await until(() => network.said.length === 1);
  expect(said()).toEqual(["anna a1"]);
});

test("the next gateway says again what may have been lost, to each before what waits for them", async () => {
  const before = await kept();
  await answer(before, "ann", "a1", "a2");
  await answer(before, "bob", "b1");
  await until(() => network.said.length === 3);
  await answer(before, "ann", "a3");
  await until(() => network.said.length === 4);
  before.stop();
  network = new FakeNetwork();
  network.away.add("bob");
  const after = await kept();
  after.wake();
  await until(() => network.said.length === 3);
  expect(said()).toEqual(["ann a1", "ann a2", "ann a3"]);
  network.away.clear();
  network.online();
  await until(() => network.said.length === 4);
  expect(said()[3]).toBe("bob b1");
});

test("whoever has had all is told again what is answered later", async () => {
  const lines = await kept();
  await answer(lines, "ann", "a1");
  await until(() => network.said.length === 1);
  network.settle("confirmed");
  lines.wake();
  await answer(lines, "ann", "a2");
  await until(() => network.said.length === 2);
  expect(said()).toEqual(["ann a1", "ann a2"]);
});

test("what no line has room for is said once one has, though nobody tells of it", async () => {
  network.room = 0;
  const lines = await kept();
  await answer(lines, "ann", "a1");
  network.room = 400;
  await until(() => network.said.length === 1);
  expect(said()).toEqual(["ann a1"]);
});
