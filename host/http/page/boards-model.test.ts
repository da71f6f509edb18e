import { expect, test } from "vitest";
import { BoardsModel, MAX_BOARDS, MAX_TRENDS, MAX_TYPES } from "./boards-model.ts";
import { device, message } from "./testing/told.ts";
import { TREND_POINTS } from "./trend.ts";

const trendOf = (model: BoardsModel, type = 0, field = 0) =>
  model.valuesOf("sim-1")[type].fields[field].trend;

test("the last value of each type is kept, by name; replies are none", () => {
  const model = new BoardsModel();
  model.takeMessage(message(1, { ot: "l:temp", v: 20 }));
  model.takeMessage(message(2, { ot: "l:button", edge: "up", t: 5 }));
  model.takeMessage(message(3, { ot: "l:temp", v: 21.5 }));
  model.takeMessage(message(4, { re: 7, err: "no such pin" }));
  expect(model.valuesOf("sim-1")).toMatchObject([
    { type: "l:button", at: 1002, fields: [{ name: "edge", text: "up", trend: null }] },
    { type: "l:temp", at: 1003, fields: [{ name: "v", text: "21.5" }] },
  ]);
  expect(trendOf(model, 1)).toMatchObject({ times: [1001, 1003], values: [20, 21.5] });
});

test("messages are counted once, whether the board's view came before or after them", () => {
  const model = new BoardsModel();
  const board = () => model.board("sim-1");
  model.takeDevices([device("sim-1", { delivered: 5, last: { n: 5 } })]);
  model.takeMessage(message(5));
  expect(board()!.delivered).toBe(5);
  model.takeMessage(message(6));
  model.takeMessage(message(7));
  expect(board()!.delivered).toBe(7);
  model.takeDevice(device("sim-1", { delivered: 6, last: { n: 6 }, missing: 1 }));
  expect(board()).toMatchObject({ delivered: 7, lastAt: 1007, missing: 1 });
  model.takeDevice(device("sim-1", { delivered: 8, last: { n: 8 } }));
  expect(board()!.delivered).toBe(8);
});

test("a board that is new takes its place by name, numbers in it by their size", () => {
  const model = new BoardsModel();
  model.takeDevices([device("a-1"), device("a-10")]);
  model.takeDevice(device("a-2"));
  model.takeDevice(device("a-1", { connected: false }));
  expect(model.boards.map(({ id, connected }) => [id, connected])).toEqual([
    ["a-1", false],
    ["a-2", true],
    ["a-10", true],
  ]);
});

test("a look at the table that brings nothing new leaves every board the object it was", () => {
  const model = new BoardsModel();
  model.takeDevices([device("a"), device("b")]);
  const [a, b] = model.boards;
  model.takeDevices([device("a"), device("b", { queued: 1 })]);
  expect([model.boards[0] === a, model.boards[1] === b]).toEqual([true, false]);
});

test("weeks of messages of many boards and types take no more room than a day's", () => {
  const model = new BoardsModel();
  const boards = Array.from({ length: MAX_BOARDS + 50 }, (_, i) => device(`board-${i}`));
  model.takeDevices(boards);
  for (let change = 0; change < 3; change++) model.takeDevice(boards[MAX_BOARDS + 7]);
  expect([model.boards.length, model.unshown]).toEqual([MAX_BOARDS, 50]);
  for (let n = 1; n <= 6000; n++)
    model.takeMessage(message(n, { ot: `type-${n % 40}`, v: n }, `board-${n % (MAX_BOARDS + 50)}`));
  const kept = boards.map(({ id }) => model.valuesOf(id));
  expect(Math.max(...kept.map((values) => values.length))).toBeLessThanOrEqual(MAX_TYPES);
  expect(kept.filter((values) => values.length > 0).length).toBeLessThanOrEqual(MAX_BOARDS);
});

test("of one board so many ways of numbers are kept, each so long, and those of types that are gone are given up", () => {
  const model = new BoardsModel();
  for (let n = 1; n <= 3 * TREND_POINTS; n++) model.takeMessage(message(n));
  expect(trendOf(model)!.values).toHaveLength(TREND_POINTS);
  const many = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`f${i}`, i]));
  for (let type = 0; type < 10; type++) model.takeMessage(message(1000 + type, { ot: `t-${type}`, ...many }));
  const trends = () =>
    new Set(model.valuesOf("sim-1").flatMap(({ fields }) => fields.map(({ trend }) => trend)));
  trends().delete(null);
  expect(trends().size - 1).toBe(MAX_TRENDS);
  for (let n = 0; n < 2 * MAX_TYPES; n++)
    model.takeMessage(message(2000 + n, { ot: `u-${n % MAX_TYPES}`, v: 1 }));
  expect(model.valuesOf("sim-1").map(({ fields }) => fields[0].trend === null)).not.toContain(true);
});
