/** What is wrong is found, named once, and has a mend; what only looks wrong is not. */
import { expect, test } from "vitest";
import type { Facts } from "./facts.ts";
import { findProblems } from "./find-problems.ts";
import { board, component, facts, NOW, peer, port, queue, storeFill } from "./testing/facts.ts";

const HOUR_MS = 3_600_000;
const told = (seen: Partial<Facts>) =>
  findProblems(facts(seen)).map(({ code, level, subject }) =>
    `${level} ${code} ${subject.kind} ${subject.name}`.trim(),
  );

const fault = { message: "the disk is full", mend: "df -h" };
const withStore = (seen: Parameters<typeof storeFill>[0]): Facts["queue"] => ({
  ...{ store: storeFill(seen), boards: [], peers: [] },
});
const withPeers = (...peers: Facts["queue"]["peers"]): Facts["queue"] => ({
  store: storeFill(),
  boards: [],
  peers,
});
const network = (seen: object): Facts["irc"] => ({
  ...facts().irc,
  networks: [{ name: "lab", state: "online", channels: [], silent: [], lastError: null, ...seen } as never],
});
const channel = (state: string) => ({
  name: "#lab",
  state,
  reason: "banned",
  mend: "",
  members: 0,
  nextTryMs: null,
});
const loss = (name: string, missing: number, at = NOW - 1000): Facts["losses"][number] => ({
  ...{
    n: 1,
    at,
    level: "warn",
    kind: "loss",
    subject: { kind: "board", name },
    text: "x",
    fields: { missing },
  },
});
const upstream = (seen: object) =>
  ({
    name: "nats",
    state: "connected",
    fault: "",
    mend: "look",
    behind: 0,
    refused: 0,
    missed: 0,
    aside: [],
    ...seen,
  }) as never;
const held = (device: string, since: number, fault = "forbidden") => ({
  ...{ device, behind: 3, fault, mend: `let ${device} publish`, since },
});
const task = { id: "t1", spec: "example", on: "w1", at: NOW - 9000 } as never;

test.each<[string, Partial<Facts>]>([
  ["warning UPSTREAM_AWAY upstream nats", { upstreams: [upstream({ state: "away", fault: "no answer" })] }],
  ["warning UPSTREAM_FAULT upstream nats", { upstreams: [upstream({ fault: "does not keep a/state" })] }],
  ["warning UPSTREAM_HELD upstream nats", { upstreams: [upstream({ aside: [held("b1", NOW - 60_000)] })] }],
  ["warning UPSTREAM_MISSED upstream nats", { upstreams: [upstream({ missed: 2 })] }],
  ["warning UPSTREAM_REFUSED upstream nats", { upstreams: [upstream({ refused: 2 })] }],
  ["warning BOARD_AWAY board b-1", { devices: [board("b-1", { connected: false })] }],
  ["warning BOARD_STALLED board b-1", { devices: [board("b-1")], links: [link("tcp 10.0.0.7:4711")] }],
  ["warning BOARD_STALLED link tcp 10.0.0.8:1", { links: [link("tcp 10.0.0.8:1")] }],
  [
    "warning BOARD_SILENT board b-1",
    {
      devices: [board("b-1")],
      silent: [{ device: "b-1", type: "l:temp", everyMs: 10_000, lastAt: NOW - 90_000 }],
    },
  ],
  ["critical MESSAGES_MISSING board b-1", { losses: [loss("b-1", 2)] }],
  [
    "critical PORT_FAULT port /dev/x",
    { ports: [port("/dev/x", { state: "waiting", waitingFor: "it is gone" })] },
  ],
  ["warning PORT_SILENT port /dev/x", { ports: [port("/dev/x", { state: "silent" })] }],
  ["critical STORE_FAULT store", { store: { whenFull: "dropOldest", maxMessages: 1e6, fault, low: null } }],
  [
    "warning DISK_LOW store",
    { store: { whenFull: "dropOldest", maxMessages: 1e6, fault: null, low: fault } },
  ],
  ["warning HISTORY_FAULT bowline history", { history: fault }],
  ["critical STORE_FULL store", { queue: withStore({ isHeld: true }) }],
  [
    "warning STORE_FILLING store",
    {
      queue: withStore({ fullInS: 1000 }),
      store: { whenFull: "refuse", maxMessages: 1e6, fault: null, low: null },
    },
  ],
  ["warning STORE_DROPPING store", { queue: withStore({ dropped: 5, bytes: 9e5, oldestAt: NOW - HOUR_MS }) }],
  [
    "warning STORE_DROPPING store",
    { queue: withStore({ dropped: 5, messages: 9e5, oldestAt: NOW - HOUR_MS }) },
  ],
  ["warning GATEWAY_AWAY gateway gw2", { peers: [peer("gw2", { state: "suspended" })] }],
  ["warning QUEUE_FILLING gateway gw2", { queue: withPeers(queue("gw2", { fullInS: 1000 })) }],
  ["warning QUEUE_OLD gateway gw2", { queue: withPeers(queue("gw2", { oldestMs: 2 * HOUR_MS })) }],
  ["warning LETTERS gateway gw2", { letters: new Map([["gw2", { count: 3, since: NOW - 5000 }]]) }],
  ["warning IRC_OFFLINE network lab", { irc: network({ state: "waiting" }) }],
  ["warning IRC_CHANNEL network lab #lab", { irc: network({ channels: [channel("refused")] }) }],
  ["warning IRC_SILENT network lab", { irc: network({ silent: ["gw-attic"] }) }],
  ["critical COMPONENT_DEAD component c", { components: [component("c", { state: "dead" })] }],
  ["critical COMPONENT_DOWN component c", { components: [component("c", { isDown: true })] }],
  ["warning COMPONENT_LATE component c", { components: [component("c", { state: "late" })] }],
  ["warning TASK_SILENT task t1", { silentTasks: [task] }],
  ["critical KILL_UNCONFIRMED task t1", { unconfirmed: [{ task: "t1", spec: "example", at: NOW } as never] }],
  ["critical KEYS_FAULT bowline keys", { keys: fault }],
  ["warning AUTH_FAILURES bowline http", { authFailures: { ...facts().authFailures, http: 20, irc: 19 } }],
])("%s is found", (what, seen) => {
  expect(told(seen)).toEqual([what]);
});

test.each<[string, Partial<Facts>]>([
  ["all is well", {}],
  ["a board that said it goes", { devices: [board("b-1", { connected: false, hasLeft: true })] }],
  ["a board behind another gateway", { devices: [board("gw2/b-1", { connected: false, gateway: "gw2" })] }],
  [
    "a board whose port another program has from us",
    {
      devices: [board("b-1", { connected: false, via: "serial /dev/x" })],
      ports: [port("/dev/x", { state: "lent", lent: { to: "flash", since: NOW } })],
    },
  ],
  [
    "a board that is away, not silent",
    {
      devices: [board("b-1", { connected: false, hasLeft: true })],
      silent: [{ device: "b-1", type: "l:temp", everyMs: 10_000, lastAt: NOW - 90_000 }],
    },
  ],
  [
    "what a webhook does not take, which is in the store, for its board",
    { losses: [{ ...loss("b-1", 1), fields: { upstream: "webhooks.home", n: 7, reason: "answered 422" } }] },
  ],
  ["a loss of the day before", { losses: [loss("b-1", 2, NOW - 25 * HOUR_MS)] }],
  ["a port on which nothing was expected yet", { ports: [port("/dev/x", { state: "open" })] }],
  [
    "a store in which the oldest make room after a week",
    { queue: withStore({ dropped: 5, bytes: 1e6, oldestAt: NOW - 168 * HOUR_MS }) },
  ],
  ["a store that gave up what was too old", { queue: withStore({ dropped: 5, oldestAt: NOW - HOUR_MS }) }],
  ["a store that is full soon, where the oldest make room", { queue: withStore({ fullInS: 10 }) }],
  ["an empty queue that had an old rate", { queue: withPeers(queue("gw2", { packets: 0, fullInS: 1 })) }],
  ["a part of the gateway itself", { components: [component("serial", { state: "late", address: "here" })] }],
])("%s is no problem", (_what, seen) => {
  expect(told(seen)).toEqual([]);
});

test("a cable that was pulled is one problem: the board's, with the mend of its port", () => {
  const found = findProblems(
    facts({
      devices: [board("b-1", { connected: false, via: "serial /dev/x", since: NOW - 5000 })],
      ports: [port("/dev/x", { state: "waiting", waitingFor: "/dev/x does not exist", mend: "plug it in" })],
    }),
  );
  expect(found).toEqual([
    {
      ...{ code: "BOARD_AWAY", level: "warning", subject: { kind: "board", name: "b-1" }, since: NOW - 5000 },
      ...{ what: "is away: its port is: /dev/x does not exist", mend: "plug it in" },
      ...{ graceMs: 60_000, criticalAfterMs: 600_000 },
    },
  ]);
});

test("losses of a board add up, from the first on", () => {
  const [found] = findProblems(facts({ losses: [loss("b-1", 2, NOW - 9000), loss("b-1", 3, NOW - 500)] }));
  expect([found.what, found.since]).toEqual(["5 messages of it may be lost, in the last 24 h", NOW - 9000]);
});

test("instances of one component are one problem", () => {
  const dead = component("c", { state: "dead", instances: 2 });
  expect(told({ components: [dead, dead] })).toEqual(["critical COMPONENT_DEAD component c"]);
});

test("what is said of a component can stand behind its name", () => {
  const said = (component: object) =>
    findProblems(facts({ components: [component as never] })).map(({ what }) => what);
  expect(said(component("c", { state: "late" }))[0]).toMatch(/^is late: /);
  expect(said(component("c", { state: "late", instances: 2 }))[0]).toMatch(/^an instance is late: /);
});

test("every problem has a mend, also where what it is about has none", () => {
  const none = { message: "x", mend: "" };
  const found = findProblems(
    facts({
      devices: [board("b-1", { connected: false, via: "" })],
      ports: [port("/dev/x", { state: "waiting", waitingFor: "x" })],
      store: { whenFull: "dropOldest", maxMessages: 1e6, fault: none, low: none },
      history: none,
      irc: network({ state: "waiting" }),
    }),
  );
  expect(found.length).toBe(6);
  expect(found.filter(({ mend }) => mend === "")).toEqual([]);
});

function link(name: string): Facts["links"][number] {
  return { name, open: true, stalled: true };
}
