/** Lines of a source that changes its mind, fails or has much: what is said of it, in which order, and how much at once. */
import { beforeEach, expect, test } from "vitest";
import { LineLane } from "../irc-iot/line.ts";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { openTestStore } from "../testing/stores.ts";
import { type Draft, LINES, type LineDocument, type LineSource, LineStream } from "./line-stream.ts";
import { FakeNetwork } from "./testing/fake-network.ts";

/** Lines, each for its target, one after the other. */
class Lines implements LineSource {
  asked = 0;
  /** Called before a line is given. */
  onNext = () => {};

  constructor(readonly lines: [target: string, text: string][]) {}

  get target(): string | null {
    return this.lines[0]?.[0] ?? null;
  }

  async next(): Promise<Draft | null> {
    this.asked++;
    this.onNext();
    const [line] = this.lines;
    if (line === undefined) return null;
    const [target, text] = line;
    return { target, text, changes: [], onCommitted: () => void this.lines.shift(), onFailed() {} };
  }
}

let network: FakeNetwork;
let store: DurableStore;
let errors: string[];

beforeEach(async () => {
  network = new FakeNetwork();
  store = await openTestStore();
  errors = [];
});

let order = 0;
function stream(source: LineSource, lingerMs = 0): LineStream {
  const services = {
    ...{ lane: LineLane.FRESH, network, store, clock: { now: () => 1000, wall: () => 1000 } },
    log: { ...silentLog, error: (_: object, text: string) => void errors.push(text) },
    ...{ isOpen: () => true, onAgain() {}, nextOrder: () => String(++order).padStart(14, "0") },
  };
  return new LineStream("r", source, 3_600_000, services, undefined, lingerMs);
}

const kept = async () => (await store.records<LineDocument>(LINES)).map(([, { text }]) => text);
const said = () => network.said.map(({ target, text }) => `${target} ${text}`);
const many = (count: number) =>
  Array.from({ length: count }, (_, i): [string, string] => ["#lab", `line ${i}`]);

test("somebody leaves while a line is on its way: nothing new is said before it is said again", async () => {
  const source = new Lines([["#lab", "a"]]);
  const lines = stream(source, 60_000);
  lines.wake();
  await until(() => network.said.length === 1);
  source.lines.push(["#lab", "b"]);
  network.away.add("#lab");
  lines.receiverGone();
  expect(network.waiting).toEqual([]);
  network.away.clear();
  network.settle("confirmed");
  await until(() => network.said.length === 3);
  expect(said()).toEqual(["#lab a", "#lab a", "#lab b"]);
});

test("64 lines at most are unconfirmed; the others wait for the server to have some", async () => {
  const lines = stream(new Lines(many(70)));
  lines.wake();
  await until(() => network.said.length === 64);
  await until(() => network.waiting.length === 0);
  network.away.add("#lab");
  lines.wake();
  expect([network.waiting, network.said.length, lines.unconfirmed]).toEqual([[], 64, 64]);
  network.away.clear();
  network.settle("confirmed");
  await until(() => network.said.length === 70);
});

test("of what the server has taken the last 1024 are kept for who may not have got them", async () => {
  const lines = stream(new Lines(many(1025)), 60_000);
  lines.wake();
  await until(() => {
    network.settle("confirmed");
    return network.said.length === 1025;
  });
  network.settle("confirmed");
  await until(async () => (await kept()).length === 1024);
  expect([(await kept())[0], lines.unconfirmed]).toEqual(["line 1", 0]);
});

test("a line whose turn comes when its stream has ended is not even made", async () => {
  const source = new Lines([["#lab", "a"]]);
  const lines = stream(source);
  network.away.add("#lab");
  lines.wake();
  lines.stop();
  network.away.clear();
  const taken = network.waiting[0].take();
  expect([await taken, source.asked, await kept()]).toEqual([null, 0, []]);
});

test("who has nothing to say when the turn comes is asked again, though nobody tells of it", async () => {
  const source = new Lines([["#lab", "a"]]);
  const [line] = source.lines;
  source.onNext = () => {
    if (source.asked === 1) source.lines.shift();
    if (source.asked === 1) setImmediate(() => source.lines.push(line));
  };
  const lines = stream(source);
  lines.wake();
  await until(() => network.said.length === 1);
  expect([said(), source.asked]).toEqual([["#lab a"], 2]);
});

test("what is for another target by the time of its turn is said there, and nowhere else", async () => {
  const source = new Lines([["#lab", "a"]]);
  source.onNext = () => {
    source.lines[0][0] = "ann";
  };
  stream(source).wake();
  await until(() => network.said.length === 1);
  expect([said(), source.asked]).toEqual([["ann a"], 2]);
});

test("what was lost goes first, though the turn that comes was asked for another target", async () => {
  const source = new Lines([["#lab", "a"]]);
  const lines = stream(source);
  lines.wake();
  await until(() => network.said.length === 1);
  network.away.add("ann");
  source.lines.push(["ann", "b"]);
  lines.wake();
  expect(network.waiting).toHaveLength(1);
  network.cut();
  network.away.clear();
  network.online();
  await until(() => network.said.length === 3);
  expect(said()).toEqual(["#lab a", "#lab a", "ann b"]);
});

test("a source that fails is told in the log, and asked again; of one that has ended nothing is told", async () => {
  const source = new Lines([["#lab", "a"]]);
  source.onNext = () => {
    if (source.asked === 1) throw new Error("the store is closed");
  };
  stream(source).wake();
  await until(() => network.said.length === 1);
  expect(errors).toEqual(["nothing is said on IRC"]);

  const ending = new Lines([["#lab", "b"]]);
  const lines = stream(ending);
  ending.onNext = () => {
    lines.stop();
    throw new Error("the store is closed");
  };
  network.away.add("#lab");
  lines.wake();
  expect([await network.waiting[0].take(), ending.asked, errors.length]).toEqual([null, 1, 1]);
});
