/** Lines of one origin: kept before they leave, the same when they are said again, in order, and not for ever. */
import { beforeEach, expect, test } from "vitest";
import { LineLane } from "../irc-iot/line.ts";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { FaultyDatabase } from "../store/faulty-database.ts";
import { MemoryDatabase } from "../store/memory-database.ts";
import { openTestStore } from "../testing/stores.ts";
import { type Draft, LINES, type LineDocument, type LineSource, LineStream } from "./line-stream.ts";
import { FakeNetwork } from "./testing/fake-network.ts";

/** Texts one after the other; `given` counts those that are said for good. */
class Texts implements LineSource {
  given = 0;
  target: string | null = "#lab";

  constructor(readonly texts: string[]) {}

  async next(): Promise<Draft | null> {
    const text = this.texts[this.given];
    if (text === undefined) return null;
    return {
      ...{ target: "#lab", text, changes: [{ key: "cursor", value: { at: this.given + 1 } }] },
      onCommitted: () => {
        this.given++;
        if (this.given === this.texts.length) this.target = null;
      },
      onFailed: () => {},
    };
  }
}

let network: FakeNetwork;
let database: FaultyDatabase;
let store: DurableStore;
let now: number;
const remembered: string[] = [];

beforeEach(async () => {
  network = new FakeNetwork();
  database = new FaultyDatabase(new MemoryDatabase());
  store = await openTestStore(database);
  now = 1_000_000;
  isOpen = () => true;
  remembered.length = 0;
});

let order = 0;
let isOpen = () => true;
function stream(source: LineSource, keepMs = 3_600_000, tries?: number, lingerMs?: number): LineStream {
  const services = {
    lane: LineLane.FRESH,
    ...{ network, store, log: silentLog, isOpen: () => isOpen(), clock: { now: () => now, wall: () => now } },
    onAgain: (text: string) => void remembered.push(text),
    nextOrder: () => String(++order).padStart(14, "0"),
  };
  return new LineStream("r", source, keepMs, services, tries, lingerMs);
}

const kept = async () => (await store.records<LineDocument>(LINES)).map(([, { text }]) => text);
const said = () => network.said.map(({ text }) => text);

test("a line is in the store, with what it stands for, before it is said, and gone once it is confirmed", async () => {
  const lines = stream(new Texts(["a", "b"]));
  lines.wake();
  await until(() => network.said.length === 2);
  expect(await kept()).toEqual(["a", "b"]);
  expect((await store.records("cursor"))[0][1]).toEqual({ at: 2 });
  network.settle("confirmed");
  await until(async () => (await kept()).length === 0);
  expect(lines.unconfirmed).toBe(0);
});

test("what may have been lost is said again first, with the same bytes and in order", async () => {
  const source = new Texts(["a", "b"]);
  const lines = stream(source);
  lines.wake();
  await until(() => network.said.length === 2);
  network.cut();
  source.texts.push("c");
  source.target = "#lab";
  network.online();
  lines.wake();
  await until(() => network.said.length === 5);
  expect(said()).toEqual(["a", "b", "a", "b", "c"]);
  expect(remembered).toEqual(["a", "b"]);
});

test("the next gateway says again what this one had said, and goes on behind it", async () => {
  stream(new Texts(["a", "b"])).wake();
  await until(() => network.said.length === 2);
  network = new FakeNetwork();
  const after = stream(new Texts(["c"]));
  after.restore(await store.records<LineDocument>(LINES));
  after.wake();
  await until(() => network.said.length === 3);
  expect(said()).toEqual(["a", "b", "c"]);
});

test("nothing is said again under another nick, unless that does not come back", async () => {
  const lines = stream(new Texts(["a"]));
  lines.wake();
  await until(() => network.said.length === 1);
  network.cut();
  network.nick = "gw_";
  network.online();
  lines.wake();
  expect(network.waiting).toEqual([]);
  network.nick = "GW";
  lines.wake();
  await until(() => network.said.length === 2);
  network.cut();
  network.nick = "gw_";
  network.online();
  lines.wake();
  now += 300_000;
  lines.wake();
  await until(() => network.said.length === 3);
});

test("what is said again waits for the room it had, where a new connection does not know of it yet", async () => {
  const lines = stream(new Texts(["a".repeat(300)]));
  lines.wake();
  await until(() => network.said.length === 1);
  network.cut();
  network.room = 200;
  network.away.add("#lab");
  network.online();
  lines.wake();
  expect(network.waiting).toHaveLength(1);
  network.room = 400;
  network.away.clear();
  network.online();
  await until(() => network.said.length === 2);
  expect(network.said[1].text).toBe(network.said[0].text);
});

test("what is said again and has no room for good is given up, and said by nobody", async () => {
  const lines = stream(new Texts(["a".repeat(300)]));
  lines.wake();
  await until(() => network.said.length === 1);
  network.cut();
  network.room = 200;
  network.online();
  lines.wake();
  await until(() => lines.isIdle);
  expect(network.said).toHaveLength(1);
});

test("where our name leaves no room for a line, nothing is said until it does", async () => {
  const lines = stream(new Texts(["a"]));
  network.room = -1;
  lines.wake();
  network.room = 400;
  lines.wake();
  await until(() => network.said.length === 1);
  expect(network.said[0].line.maxBytes).toBe(400);
  lines.stop();
});

test("what nobody would know for a repeat any more is not said again", async () => {
  const lines = stream(new Texts(["a"]), 1000);
  lines.wake();
  await until(() => network.said.length === 1);
  network.cut();
  network.online();
  now += 1001;
  lines.wake();
  await until(async () => (await kept()).length === 0);
  expect([network.waiting, lines.counts.given]).toEqual([[], 1]);
});

test("a line that the server has for nobody is tried again ever more rarely, an answer three times", async () => {
  const lines = stream(new Texts(["a"]), 3_600_000, 3);
  lines.wake();
  for (const [times, waitMs] of [
    [1, 5000],
    [2, 10_000],
  ] as const) {
    await until(() => network.said.length === times);
    network.settle("lost");
    now += waitMs - 1;
    lines.wake();
    expect(network.waiting).toEqual([]);
    now += 1;
    lines.wake();
  }
  await until(() => network.said.length === 3);
  network.settle("lost");
  await until(async () => (await kept()).length === 0);
  expect(lines.counts.given).toBe(1);
});

test("what the store does not take is not said, and leaves nothing behind, whether it was written or not", async () => {
  for (const isWritten of [false, true]) {
    database.failing = () => ({ error: new Error("IO error"), isWritten });
    const source = new Texts([`t-${isWritten}`]);
    const lines = stream(source);
    lines.wake();
    await until(() => store.fault !== null);
    expect([said(), source.given]).toEqual([[], 0]);
    database.failing = null;
    await until(() => store.fault === null);
    await until(async () => (await kept()).length === 0);
    lines.stop();
  }
});

test("a line whose hearer left while it was written down is not said until they are back", async () => {
  let looks = 0;
  // There when its turn comes and when it is asked for, gone once the store has it.
  isOpen = () => ++looks !== 3;
  const lines = stream(new Texts(["a", "b"]));
  lines.wake();
  await until(async () => (await kept()).length === 1 && network.waiting.length === 0);
  expect(said()).toEqual([]);
  lines.wake();
  await until(() => network.said.length === 2);
  expect(said()).toEqual(["a", "b"]);
});

test("what the server has taken is said again, in order, when somebody who is to hear it leaves soon after", async () => {
  const source = new Texts(["a", "b"]);
  const lines = stream(source, 3_600_000, undefined, 60_000);
  lines.wake();
  await until(() => network.said.length === 2);
  network.settle("confirmed");
  expect([await kept(), lines.unconfirmed]).toEqual([["a", "b"], 0]);
  source.texts.push("c", "d");
  source.target = "#lab";
  lines.wake();
  await until(() => network.said.length === 4);
  isOpen = () => false;
  // c and d are on their way; whether they came before it left nobody knows.
  lines.receiverGone();
  network.settle("confirmed");
  isOpen = () => true;
  lines.wake();
  await until(() => network.said.length === 8);
  expect(said().slice(4)).toEqual(["a", "b", "c", "d"]);
  network.settle("confirmed");
  now += 60_000;
  lines.wake();
  await until(async () => (await kept()).length === 0);
  lines.receiverGone();
  expect(network.waiting).toEqual([]);
});
