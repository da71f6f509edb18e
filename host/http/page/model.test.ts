import { expect, test } from "vitest";
import { MAX_BOARDS, MAX_NEWEST, MAX_TYPES, Model } from "./model.ts";
import type { Device, Message, Status } from "./shapes.ts";

const status = (epoch: string, next: number): Status => ({
  gateway: "pi",
  version: "0",
  epoch,
  uptimeS: 1,
  role: "control",
  store: { kind: "memory", messages: 0, bytes: 0, next, dropped: 0, fault: "" },
  tcp: null,
});

const device = (id: string, fields: Partial<Device> = {}): Device => ({
  id,
  connected: true,
  via: "",
  board: "",
  firmware: "",
  delivered: 0,
  repeats: 0,
  missing: 0,
  lost: 0,
  queued: 0,
  lastAt: 0,
  last: null,
  ...fields,
});

const message = (n: number, fields: object = { ot: "l:temp", v: n }, from = "sim-1"): Message => ({
  n,
  device: from,
  at: 1000 + n,
  message: { ...fields },
});

test("a page begins with some of the past, and never before the first message", () => {
  const model = new Model();
  expect(model.takeStatus(status("a", 1000), 200)).toBe(true);
  expect(model.next).toBe(800);
  const young = new Model();
  young.takeStatus(status("a", 5), 200);
  expect(young.next).toBe(1);
});

test("messages numbered anew make what was shown void", () => {
  const model = new Model();
  model.takeStatus(status("a", 1), 200);
  model.takeDevices([device("sim-1")]);
  model.takeMessage(message(1));
  expect(model.takeStatus(status("a", 2), 200)).toBe(false);
  expect(model.newest).toHaveLength(1);
  expect(model.takeStatus(status("b", 1), 200)).toBe(true);
  expect([model.newest, model.boards, model.valuesOf("sim-1"), model.next]).toEqual([[], [], [], 1]);
});

test("a message that comes again is not taken again", () => {
  const model = new Model();
  for (const n of [1, 2, 1, 2, 3]) model.takeMessage(message(n));
  expect(model.newest.map((line) => line.n)).toEqual([3, 2, 1]);
});

test("the last value of each type is kept, by name; replies are none", () => {
  const model = new Model();
  model.takeMessage(message(1, { ot: "l:temp", v: 20 }));
  model.takeMessage(message(2, { ot: "l:button", edge: "up", t: 5 }));
  model.takeMessage(message(3, { ot: "l:temp", v: 21.5 }));
  model.takeMessage(message(4, { re: 7, err: "no such pin" }));
  expect(model.valuesOf("sim-1")).toEqual([
    { type: "l:button", at: 1002, fields: [["edge", "up"]] },
    { type: "l:temp", at: 1003, fields: [["v", "21.5"]] },
  ]);
  expect(model.newest[0]).toEqual({
    n: 4,
    at: 1004,
    device: "sim-1",
    type: "reply 7",
    text: "err no such pin",
  });
});

test("messages are counted once, whether the board's view came before or after them", () => {
  const model = new Model();
  model.takeDevices([device("sim-1", { delivered: 5, last: { n: 5 } })]);
  model.takeMessage(message(5));
  expect(model.boards[0].delivered).toBe(5);
  model.takeMessage(message(6));
  model.takeMessage(message(7));
  expect(model.boards[0].delivered).toBe(7);
  model.takeDevice(device("sim-1", { delivered: 6, last: { n: 6 }, missing: 1 }));
  expect(model.boards[0]).toMatchObject({ delivered: 7, lastAt: 1007, missing: 1 });
  model.takeDevice(device("sim-1", { delivered: 8, last: { n: 8 } }));
  expect(model.boards[0].delivered).toBe(8);
});

test("a board that is new takes its place by name", () => {
  const model = new Model();
  model.takeDevices([device("a"), device("c")]);
  model.takeDevice(device("b"));
  model.takeDevice(device("a", { connected: false }));
  expect(model.boards.map(({ id, connected }) => [id, connected])).toEqual([
    ["a", false],
    ["b", true],
    ["c", true],
  ]);
});

test("a gap is counted, and gone on behind", () => {
  const model = new Model();
  model.takeGap({ from: 3, to: 7 });
  expect([model.unseen, model.next]).toEqual([5, 8]);
});

test("weeks of messages of many boards and types take no more room than a day's", () => {
  const model = new Model();
  const boards = Array.from({ length: MAX_BOARDS + 50 }, (_, i) => device(`board-${i}`));
  model.takeDevices(boards);
  expect([model.boards.length, model.unshown]).toEqual([MAX_BOARDS, 50]);
  for (let n = 1; n <= 30_000; n++) {
    const fields = { ot: `type-${n % 40}`, text: "x".repeat(500) };
    model.takeMessage(message(n, fields, `board-${n % (MAX_BOARDS + 50)}`));
  }
  expect(model.newest).toHaveLength(MAX_NEWEST);
  expect(model.newest[0].text.length).toBeLessThan(100);
  const types = boards.map(({ id }) => model.valuesOf(id).length);
  expect(Math.max(...types)).toBeLessThanOrEqual(MAX_TYPES);
  expect(types.filter((count) => count > 0).length).toBeLessThanOrEqual(MAX_BOARDS);
});
