import { expect, test, vi } from "vitest";
import { Model, REPLAY } from "./model.ts";
import { MAX_NEWEST } from "./newest-model.ts";
import type { Status } from "./shapes.ts";
import { device, message } from "./testing/told.ts";

const status = (epoch: string, next: number): Status => ({
  gateway: "pi",
  version: "0",
  epoch,
  at: Date.now(),
  uptimeS: 1,
  role: "control",
  store: { kind: "memory", messages: 0, bytes: 0, next, dropped: 0, fault: "", low: "" },
  tcp: null,
});

/** As the feed does it. */
function begin(model: Model, epoch: string, next: number): boolean {
  model.takeStatus(status(epoch, next));
  if (!model.isAnew) return false;
  model.beginAnew();
  return true;
}

test("a page begins with some of the past, and never before the first message", () => {
  const model = new Model();
  expect(begin(model, "a", 1000)).toBe(true);
  expect(model.next).toBe(1000 - REPLAY);
  const young = new Model();
  begin(young, "a", 5);
  expect(young.next).toBe(1);
});

test("messages numbered anew make what was shown void", () => {
  const model = new Model();
  begin(model, "a", 1);
  model.boards.takeDevices([device("sim-1")]);
  model.takeMessage(message(1));
  expect(begin(model, "a", 2)).toBe(false);
  expect(model.newest.lines).toHaveLength(1);
  expect(begin(model, "b", 1)).toBe(true);
  const shown = [model.newest.lines, model.boards.boards, model.boards.valuesOf("sim-1"), model.next];
  expect(shown).toEqual([[], [], [], 1]);
});

test("what time it is the gateway says, as soon as the clocks are apart; how long its answer took does not count", () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const model = new Model();
  const timeAfter = (at: number) => {
    model.takeStatus({ ...status("a", 1), at });
    return model.now;
  };
  const seen = [999_100, 8_000_000, 8_000_900, 7_000_000, 1_000_500].map(timeAfter);
  vi.useRealTimers();
  expect(seen).toEqual([1_000_000, 8_000_000, 8_000_000, 7_000_000, 1_000_000]);
});

test("a message that comes again is not taken again", () => {
  const model = new Model();
  for (const n of [1, 2, 1, 2, 3]) model.takeMessage(message(n));
  expect(model.newest.lines.map((line) => line.n)).toEqual([3, 2, 1]);
});

test("a reply is a line among the newest messages", () => {
  const model = new Model();
  model.takeMessage(message(4, { re: 7, err: "no such pin" }));
  expect(model.newest.lines).toEqual([
    { n: 4, at: 1004, device: "sim-1", type: "reply 7", text: "err no such pin" },
  ]);
});

test("what a page begins with of a board that has been away since the gateway began is in its count already", () => {
  const model = new Model();
  begin(model, "a", 22);
  model.boards.takeDevices([device("other", { connected: false, delivered: 21 })]);
  for (let n = 1; n <= 21; n++) model.takeMessage(message(n, { ot: "l:temp", v: n }, "other"));
  expect(model.boards.board("other")!.delivered).toBe(21);
  model.takeStatus(status("a", 30));
  const [other] = model.boards.boards;
  model.boards.takeDevices([device("other", { connected: false, delivered: 21, lastAt: other.lastAt })]);
  expect(model.boards.boards[0]).toBe(other);
  model.takeMessage(message(30, { ot: "l:temp", v: 1 }, "other"));
  expect(model.boards.board("other")!.delivered).toBe(22);
});

test("a gap is counted, and gone on behind", () => {
  const model = new Model();
  model.takeGap({ from: 3, to: 7 });
  expect([model.newest.unseen, model.next]).toEqual([5, 8]);
});

test("what went by while nobody looked is counted, not read", () => {
  const model = new Model();
  begin(model, "a", 1);
  model.feed = "lost";
  model.takeStatus(status("a", 1 + REPLAY));
  expect([model.newest.unseen, model.next]).toEqual([0, 1]);
  model.takeStatus(status("a", 10_001));
  expect([model.newest.unseen, model.next]).toEqual([10_000 - REPLAY, 10_001 - REPLAY]);
  expect(model.isAnew).toBe(false);
});

test("weeks of messages leave as many lines as a day's, and short ones", () => {
  const model = new Model();
  for (let n = 1; n <= 5000; n++) model.takeMessage(message(n, { ot: "a", text: "x".repeat(500) }));
  expect(model.newest.lines).toHaveLength(MAX_NEWEST);
  expect(model.newest.lines[0].text.length).toBeLessThan(100);
});
