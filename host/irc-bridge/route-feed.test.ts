/** What a route tells of the messages in the store, and what it leaves out by the time that its turn has come. */
import { beforeEach, expect, test } from "vitest";
import { defaultLimits } from "../irc-iot/limits.ts";
import { Participant } from "../irc-iot/participant.ts";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import type { DeliveredMessage } from "../store/store.ts";
import { appendTo, openTestStore } from "../testing/stores.ts";
import { Addresses } from "./addresses.ts";
import type { Draft } from "./line-stream.ts";
import { ROUTES, type RouteDocument, RouteFeed } from "./route-feed.ts";
import { nothingSkipped } from "./route-plan.ts";
import type { RouteSettings } from "./route-settings.ts";

const ROOM = 400;
const HOUR_MS = 3_600_000;
const handler = {
  ...{ onDatum() {}, onRelayed() {}, onLine() {}, onFault() {}, onPeer() {}, budget: () => ROOM },
  isMember: () => true,
};

let store: DurableStore;
let wall: number;
let known: Set<string>;
let seq: number;

beforeEach(async () => {
  store = await openTestStore();
  wall = 1_795_301_705_000;
  known = new Set(["sim-1", "sim-2"]);
  seq = 0;
});

function feed(settings: Partial<RouteSettings> = {}, document?: RouteDocument, log = silentLog): RouteFeed {
  const route: RouteSettings = {
    ...{ id: "r", network: "n", target: "#lab", isChannel: true, devices: ["*"], types: ["*"], fields: [] },
    ...{
      detail: "full",
      everyS: 0,
      onChange: false,
      maxAgeS: 3600,
      waitFor: [],
      sayAgainS: 0,
      profile: "strict",
    },
    ...settings,
  };
  const participant = new Participant(
    {
      ...{ limits: defaultLimits, schemes: { scheme: "b85p" }, checksum: "", sign: null, peers: [] },
      ...{ random: () => 0.5, now: () => 0, wall: () => wall },
    },
    handler,
    { mid: 100, oid: 10, did: 1 },
  );
  return new RouteFeed(route, document ?? { next: 1, skipped: nothingSkipped(), told: [] }, {
    ...{ participant, store, log, clock: { now: () => 0, wall: () => wall } },
    addresses: new Addresses("kitchen", "bowline@kitchen"),
    knows: (device: string) => known.has(device),
    say: (message: DeliveredMessage) => `${message.device} says ${JSON.stringify(message.message)}`,
  });
}

async function say(message: Record<string, unknown>, device = "sim-1", at = wall): Promise<void> {
  await appendTo(store, device, ++seq, { ot: "l:temp", ...message }, { at });
}

/** As a stream does it. */
async function take(one: RouteFeed, isCommitted = true): Promise<Draft | null> {
  if (one.target === null) return null;
  const draft = await one.next(ROOM);
  if (isCommitted) {
    await new Promise<void>((onCommitted) =>
      store.keep(draft?.changes ?? [{ key: "x", value: {} }], onCommitted),
    );
    draft?.onCommitted();
  } else draft?.onFailed();
  return draft;
}

/** The values of `v` in a line. */
const valuesIn = (draft: Draft | null) =>
  [...(draft?.text ?? "").matchAll(/"v":(\d+)/g)].map(([, v]) => Number(v));

test("messages of one type share a line; the cursor moves behind them in its commit", async () => {
  for (let v = 1; v <= 3; v++) await say({ v });
  const route = feed();
  expect(valuesIn(await take(route))).toEqual([1, 2, 3]);
  expect(route.behind).toBe(0);
  const [[, document]] = await store.records<RouteDocument>(ROUTES);
  expect(document.next).toBe(4);
  await say({ v: 4 });
  expect(valuesIn(await take(feed({}, document)))).toEqual([4]);
});

test("what came while a line waited for its turn is in it", async () => {
  for (let v = 1; v <= 5; v++) await say({ v, text: "x".repeat(90) });
  const route = feed();
  expect(valuesIn(await take(route))).toEqual([1, 2]);
  await say({ v: 6 });
  expect(valuesIn(await take(route))).toEqual([3, 4]);
  expect(valuesIn(await take(route))).toEqual([5, 6]);
});

test("a line that the store did not take is made again, with another mid", async () => {
  await say({ v: 1 });
  const route = feed();
  const lost = await take(route, false);
  const made = await take(route);
  expect([valuesIn(lost), valuesIn(made)]).toEqual([[1], [1]]);
  expect(made?.text).not.toBe(lost?.text);
});

test("a message that is too long for a line is told with the last of its fragments", async () => {
  await say({ v: 1, text: "abc".repeat(200) });
  await say({ v: 2 });
  const route = feed();
  const lines: string[] = [];
  while (route.behind > 1) lines.push((await take(route))!.text);
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.every((line) => line.includes('"ed":') && line.length <= ROOM)).toBe(true);
  expect([route.counts.told, route.behind]).toEqual([1, 1]);
  expect(valuesIn(await take(route))).toEqual([2]);
});

test("what has become too old while it waited is withdrawn, and counted; so is what a board said that was forgotten", async () => {
  await say({ v: 1 });
  await say({ v: 2 }, "sim-2");
  await say({ v: 3, text: "abc".repeat(200) });
  const route = feed();
  await say({ v: 4 }, "sim-1", wall + HOUR_MS);
  wall += HOUR_MS + 1;
  known.delete("sim-2");
  expect(valuesIn(await take(route))).toEqual([4]);
  expect(route.leftOut).toMatchObject({ tooOld: 3, forgotten: 0 });
  await say({ v: 5 }, "sim-2");
  expect(await take(route)).toBeNull();
  expect([route.leftOut.forgotten, route.behind]).toEqual([1, 0]);
});

test("fragments that have not left are withdrawn with their message", async () => {
  await say({ v: 1, text: "abc".repeat(400) });
  const route = feed();
  expect((await take(route))?.text).toContain('"bp":0');
  await say({ v: 2 }, "sim-1", wall + HOUR_MS);
  wall += HOUR_MS + 1;
  expect(valuesIn(await take(route))).toEqual([2]);
  expect(route.leftOut.tooOld).toBe(1);
});

test("of what the store gave up before it was told, so many are counted", async () => {
  const small = await openTestStore(undefined, { maxMessages: 3 });
  store = small;
  for (let v = 1; v <= 8; v++) await say({ v });
  await until(() => small.fill.messages <= 4);
  const route = feed();
  const values = valuesIn(await take(route));
  expect(route.leftOut.givenUp).toBe(8 - values.length);
  expect(values.at(-1)).toBe(8);
});

test("what IRC-IoT cannot carry is left out, counted, and holds nothing up", async () => {
  const route = feed();
  await say({ v: 1, n64: 2 ** 60 });
  expect(await take(route)).toBeNull();
  expect(route.behind).toBe(0);
  await say({ v: 2, n64: 2 ** 60 });
  await say({ v: 3 });
  expect(valuesIn(await take(route))).toEqual([3]);
  expect(route.leftOut.unwritable).toBe(2);
});

test("everyS: one of a board and type in so long; of those that wait only the newest", async () => {
  const route = feed({ everyS: 60 });
  await say({ v: 1 });
  await say({ v: 2 });
  await say({ v: 3 }, "sim-2");
  expect(valuesIn(await take(route))).toEqual([2, 3]);
  expect(route.leftOut).toMatchObject({ overtaken: 1, unchanged: 0 });
  await say({ v: 4 }, "sim-1", wall + 59_000);
  expect(await take(route)).toBeNull();
  await say({ v: 5 }, "sim-1", wall + 60_000);
  const [[, document]] = await store.records<RouteDocument>(ROUTES);
  const after = feed({ everyS: 60 }, document);
  expect(valuesIn(await take(after))).toEqual([5]);
  expect(after.leftOut).toMatchObject({ overtaken: 1, unchanged: 1 });
});

test("onChange: only what differs, times apart, from what was told last", async () => {
  const route = feed({ onChange: true });
  await say({ v: 1, uptime: 1 });
  expect(valuesIn(await take(route))).toEqual([1]);
  await say({ v: 1, uptime: 2, t: wall });
  expect(await take(route)).toBeNull();
  await say({ v: 2, uptime: 3 });
  expect(valuesIn(await take(route))).toEqual([2]);
});

test("onChange: a change that was taken back while it waited is not told", async () => {
  const route = feed({ onChange: true });
  await say({ v: 1 });
  expect(valuesIn(await take(route))).toEqual([1]);
  await say({ v: 2 });
  await say({ v: 1 });
  expect(await take(route)).toBeNull();
  expect(route.leftOut).toMatchObject({ overtaken: 1, unchanged: 1 });
  await say({ v: 3 });
  await say({ v: 2 });
  expect(valuesIn(await take(route))).toEqual([2]);
});

test("devices, types, fields and detail say what is told; replies are nobody's but the asker's", async () => {
  await say({ v: 1 });
  await say({ v: 2, re: 17 }, "sim-2");
  await say({ v: 3, list: [1], note: "x" }, "sim-2");
  await say({ ot: "l:other", v: 4 }, "sim-2");
  const settings = { devices: ["*-2"], types: ["l:t*"] };
  expect((await take(feed({ ...settings, detail: "brief" })))?.text).toMatch(/"v":3,"note":"x","n":3}/);
  expect((await take(feed({ ...settings, fields: ["list"] })))?.text).toMatch(/"list":\[1\],"n":3}/);
  expect((await take(feed({ ...settings, detail: "words" })))?.text).toBe(
    'sim-2 says {"ot":"l:temp","v":3,"list":[1],"note":"x"}',
  );
});

test("what the reference will make of a message in fragments is logged, each kind of it once", async () => {
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (_: object, text: string) => warnings.push(text) };
  const route = feed({ profile: "pyirciot" }, undefined, log);
  for (const sign of ["'", "'", "\\", "plain"]) {
    await say({ text: sign.padEnd(700, "x") });
    while ((await take(route)) !== null);
  }
  expect(warnings).toEqual([
    "profile pyirciot: quotes in a Datum of several lines: the reference loses it",
    "profile pyirciot: escapes in a Datum of several lines: the reference alters them",
  ]);
});

test("a route has a scheme of its own for what is told in fragments", async () => {
  await say({ text: "abc".repeat(400) });
  expect((await take(feed({ scheme: "b64p" })))?.text).toContain('"em":"b64p"');
});

test("what is left out behind a line is counted once the line before it is told", async () => {
  await say({ v: 1, text: "x".repeat(200) });
  await say({ v: 2, text: "x".repeat(200) });
  await say({ v: 3 }, "sim-1", wall - HOUR_MS - 1);
  const route = feed();
  expect([valuesIn(await take(route)), route.leftOut.tooOld]).toEqual([[1], 0]);
  expect([valuesIn(await take(route)), route.leftOut.tooOld]).toEqual([[2], 1]);
});

test("more than are read at once are told in order, each once", async () => {
  const values = Array.from({ length: 300 }, (_, i) => i + 1);
  for (const v of values) await say({ v });
  const route = feed();
  const told: number[] = [];
  while (route.behind > 0) told.push(...valuesIn(await take(route)));
  expect(told).toEqual(values);
});

test("asked when nothing is new it has nothing to say, and writes nothing down", async () => {
  const route = feed();
  expect(await route.next(ROOM)).toBeNull();
  await new Promise<void>((onCommitted) => store.keep([{ key: "x", value: {} }], onCommitted));
  expect(await store.records(ROUTES)).toEqual([]);
});

test("a line that is told a second time is a fault of whoever does, and counts no message twice", async () => {
  await say({ v: 1 });
  const route = feed();
  const draft = await take(route);
  expect(() => draft?.onCommitted()).toThrow(new TypeError("saying a line: it is not the next one"));
  expect([route.counts.told, route.behind]).toEqual([1, 0]);
});

test("onChange: of a route of some fields only those count", async () => {
  const route = feed({ onChange: true, fields: ["v"] });
  await say({ v: 1, note: "a" });
  expect(valuesIn(await take(route))).toEqual([1]);
  await say({ v: 1, note: "b" });
  expect(await take(route)).toBeNull();
  await say({ v: 2, note: "b" });
  expect(valuesIn(await take(route))).toEqual([2]);
});
