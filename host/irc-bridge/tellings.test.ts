/** What people are told of boards and of the gateway, in the states that these may be in. */
import { expect, test } from "vitest";
import { Registry } from "../irc-iot/registry.ts";
import type { QueueView } from "../router/queue-view.ts";
import type { DeviceView } from "../router/views.ts";
import { Addresses } from "./addresses.ts";
import { type Facts, tellDevices, tellHelp, tellLast, tellQueue, tellRaw, tellStatus } from "./tellings.ts";

const NOW = 1_795_301_705_000;

function board(id: string, fields: Partial<DeviceView> = {}): DeviceView {
  return {
    ...{ id, gateway: "", connected: true, since: 0, hasLeft: false, via: "tcp", epoch: "e", watermark: 0 },
    ...{
      board: "",
      firmware: "bowline 0.1.0",
      caps: [],
      delivered: 3,
      repeats: 0,
      missing: 0,
      mayBeMissing: 0,
    },
    ...{ lost: 0, sessions: 1, connections: 1, queued: 0, lastAt: NOW - 5000, last: null, ...fields },
  };
}

const said = (device: string, at: number) =>
  ({ n: 1, device, epoch: "e", seq: 1, at, message: { ot: "a:b", v: 1 } }) as unknown as DeviceView["last"];

function facts(boards: DeviceView[], queue: object = {}): Facts {
  const store = { messages: 12, fault: "" };
  return {
    ...{ gateway: "kitchen", registry: new Registry({ boards: ["*@kitchen"], types: [] }) },
    addresses: new Addresses("kitchen", "bowline@kitchen"),
    devices: () => boards,
    queue: () => ({ store, boards: [], peers: [], ...queue }) as unknown as QueueView,
    work: { components: () => [], task: () => undefined, tasks: () => [] },
    wall: () => NOW,
  };
}

test("before any board has said hello that is said, whatever is asked", () => {
  const none = facts([]);
  expect(tellDevices([], none)).toEqual(["kitchen: no board has said hello yet"]);
  expect(tellLast(["last"], none)).toEqual(["kitchen: no board has said anything yet"]);
  expect(tellStatus(["status", "sim-1"], none)).toEqual(["no board sim-1; known: none yet"]);
});

test("boards that are away are told as such, and one that is nearly called so is suggested", () => {
  const some = facts([board("sim-1"), board("sim-2", { connected: false })]);
  expect(tellDevices([], some)).toEqual(["kitchen: sim-1, sim-2 (away)"]);
  expect(tellStatus(["status", "sin-1"], some)).toEqual([
    "no board sin-1; did you mean sim-1? known: sim-1, sim-2",
  ]);
});

test.each([
  [{}, "connected via tcp, heard 5 s ago, bowline 0.1.0, 3 messages"],
  [{ via: "", firmware: "" }, "connected, heard 5 s ago, 3 messages"],
  [
    { connected: false, lastAt: 0, missing: 2, queued: 4 },
    "away, never heard, bowline 0.1.0, 3 messages, 2 missing, 4 waiting",
  ],
])("the status of a board that is %o", (fields, text) => {
  expect(tellStatus(["status", "sim-1"], facts([board("sim-1", fields)]))).toEqual([`sim-1: ${text}`]);
});

test("the gateway's status, by its name or none, says why the store takes nothing", () => {
  const boards = [board("sim-1"), board("sim-2", { connected: false })];
  expect(tellStatus(["status"], facts(boards))).toEqual([
    "kitchen: 1 of 2 boards connected, 12 messages kept",
  ]);
  const full = { store: { messages: 12, fault: "no space left on device" } };
  expect(tellStatus(["status", "kitchen"], facts(boards, full))).toEqual([
    "kitchen: 1 of 2 boards connected, 12 messages kept; the store takes nothing: no space left on device",
  ]);
});

test("what was said last, the newest first; a board that has said nothing is told only when it is named", () => {
  const some = facts([
    board("sim-1", { last: said("sim-1", NOW - 9000) }),
    board("sim-2"),
    board("sim-3", { last: said("sim-3", NOW - 1000) }),
  ]);
  expect(tellLast(["last"], some).map((text) => text.split(":")[0])).toEqual(["sim-3", "sim-1"]);
  expect(tellLast(["last", "sim-2"], some)).toEqual(["sim-2: has said nothing yet"]);
  expect(tellRaw(["raw", "sim-2"], some)).toEqual(["sim-2: has said nothing yet"]);
  expect(tellRaw(["raw"], some)).toEqual(["no board ; known: sim-1, sim-2, sim-3"]);
});

test("what waits, for boards and for gateways", () => {
  const queue = {
    boards: [{ device: "sim-1", queued: 1, open: 2 }],
    peers: [
      { kind: "gateway", name: "attic", packets: 5 },
      { kind: "board", name: "sim-1", packets: 1 },
    ],
  };
  expect(tellQueue([], facts([], queue))).toEqual([
    "sim-1: 2 requests open, 1 not sent",
    "gateway attic: 5 packets",
  ]);
  expect(tellQueue([], facts([]))).toEqual(["kitchen: nothing waits"]);
});

test("help for what there is none of suggests what is nearly called so, and lists all else", () => {
  expect(tellHelp(["help", "!statsu"], facts([]))).toEqual([
    "no command statsu; did you mean !status? !help lists them",
  ]);
  expect(tellHelp(["help", "xyzzyplugh"], facts([]))).toEqual(["no command xyzzyplugh; !help lists them"]);
});
