/** What a real gateway tells of its boards: nothing that was said of one hides its silence, nor other news its losses. */
import { expect, test } from "vitest";
import type { Clock } from "../platform/clock.ts";
import type { DeliveredMessage } from "../store/store.ts";
import type { Happening } from "../timeline/happening.ts";
import { Timeline } from "../timeline/timeline.ts";
import { Problems, type Seen } from "./problems.ts";
import { board, facts } from "./testing/facts.ts";

const T0 = 1_795_301_705_000;

/** A gateway with the board b-1, of which nothing is wrong. */
async function house() {
  let now = T0;
  const clock: Clock = { now: () => now, wall: () => now };
  const store = { keep: (_: unknown, onCommitted: () => void) => onCommitted(), records: async () => [] };
  const onFault = (error: unknown) => {
    throw error;
  };
  const timeline = new Timeline({ store, clock, onFault, nameOfGateway: (id) => id });
  await timeline.load(async () => null);
  const { irc, queue } = facts();
  let hear: (message: DeliveredMessage) => void = () => {};
  const messages = {
    subscribe: (listener: typeof hear) => {
      hear = listener;
      return () => {};
    },
  };
  const tally = { authFailures: 0 };
  const seen = {
    ...{
      router: { messages },
      store: { ...store, fault: null, low: null },
      timeline,
      irc: { view: () => irc },
    },
    ...{ history: { view: () => ({ fault: "", mend: "" }) }, letters: { list: () => [] } },
    northbound: { views: () => [] },
    tallies: { boards: tally, gateways: tally, http: tally },
    work: {
      components: () => [],
      task: () => undefined,
      tasks: () => [],
      kills: () => [],
      hubView: () => null,
    },
    devicesView: () => [board("b-1", { since: T0 })],
    ...{
      linksView: () => [],
      serialView: () => [],
      queueView: () => queue,
      peersView: () => ({ peers: [] }),
    },
  } as unknown as Seen;
  const problems = new Problems(seen, {
    clock,
    store: { whenFull: "dropOldest", maxMessages: 1e6 },
    keys: [],
    onFault,
  });
  await problems.load();
  problems.start();
  const add = (kind: Happening["kind"], text: string, fields: object = {}) =>
    timeline.add({
      level: "info",
      kind,
      subject: { kind: "board", name: "b-1" },
      text,
      fields: { ...fields },
    });
  const say = () =>
    hear({ device: "b-1", at: now, message: { ot: "l:temp" } } as unknown as DeliveredMessage);
  return {
    ...{ add, say, stop: () => problems.stop() },
    pass: (ms: number) => {
      now += ms;
    },
    codes: () => problems.view().problems.map(({ code }) => code),
  };
}

test("a board that says that its sensor is gone, and then no values, is silent; one that was away is not", async () => {
  const { add, say, pass, codes, stop } = await house();
  const saySome = () => {
    for (let i = 0; i < 8; i++) {
      pass(10_000);
      say();
    }
  };
  saySome();
  add("note", "the board says");
  pass(120_000);
  expect(codes()).toEqual(["BOARD_SILENT"]);
  saySome();
  add("resumed", "session resumed");
  pass(120_000);
  expect(codes()).toEqual([]);
  stop();
});

test("a loss of this morning is told in the evening, whatever else happened meanwhile", async () => {
  const { add, pass, codes, stop } = await house();
  add("loss", "messages may be missing", { missing: 2 });
  for (let i = 0; i < 2000; i++) {
    pass(10_000);
    add("note", "the board says");
  }
  expect(codes()).toEqual(["MESSAGES_MISSING"]);
  stop();
});
