/** Who of a spec's workers is given which task, and when, in simulated time. */
import { beforeEach, expect, test } from "vitest";
import { decodeMessage } from "../monique/body.ts";
import type { Message } from "../monique/message.ts";
import { silentLog } from "../platform/log.ts";
import { HubCore } from "./hub-core.ts";
import { framesOf, messageOf, textOf } from "./testing/messages.ts";

const WALL = 1_795_301_705_000;
const PATIENCE_MS = 10_000;
const sender = { key: 1, address: "127.0.0.1:1", names: [] };

let now = 0;
let core: HubCore;
/** Numbers of the tasks that each worker was sent. */
let given: Record<number, number[]>;
/** Workers whose socket takes no more. */
let full: Set<number>;
let errors: string[];
let ids: string[];

beforeEach(() => {
  now = 0;
  given = {};
  full = new Set();
  errors = [];
  ids = [];
  core = new HubCore(
    {
      ...{ creator: "gw-1", allow: [], frequenciesMs: {} },
      controller: [{ spec: "example_clock", port: 0, patienceMs: PATIENCE_MS }],
    },
    {
      publishCom(parts) {
        const { type, data } = decodeMessage(parts[1]) as Message;
        if (type === "error") errors.push(Buffer.from(data).toString());
        return 1;
      },
      publishTech: () => {},
      send(_, { key }, parts) {
        if (full.has(key)) return false;
        given[key] = [...(given[key] ?? []), ids.indexOf((decodeMessage(parts[1]) as Message).id)];
        return true;
      },
      ...{ listenersOf: () => [], newestListener: () => 0, twins: () => null },
      ...{ onTask: () => {}, onTaskTaken: () => {}, onTaskKilled: () => {}, onTaskEnded: () => {} },
      ...{ onTaskForgotten: () => {}, onComponent: () => {} },
      ...{ onKill: () => {}, onAuditLine: () => {} },
    },
    { now: () => now, wall: () => WALL + now },
    silentLog,
  );
});

function ask(count: number, expires_at = 0): void {
  for (let i = 0; i < count; i++) {
    const message = messageOf({ type: "config", spec: "example_clock", expires_at });
    ids.push(message.id);
    core.intake.receiveCom([...framesOf(message)], sender);
  }
}

const come = (key: number) => core.workerCame("example_clock", { key, address: `worker ${key}` });
const go = (key: number) => core.workerWent(key, false);
const stateOf = (number: number) => core.desk.registry.get(ids[number])!.state;

function answer(number: number): void {
  const message = messageOf({ type: "result", spec: "example_clock", pid: ids[number], data: textOf({}) });
  core.intake.receiveCom([...framesOf(message)], sender);
}

function pass(ms: number): void {
  const until = now + ms;
  while (core.deadline <= until) {
    now = Math.max(now, core.deadline);
    core.tick();
  }
  now = until;
}

test("each has one task at a time, in turn, and the rest waits in its order", () => {
  come(1);
  come(2);
  ask(5);
  expect(given).toEqual({ 1: [0], 2: [1] });
  answer(1);
  answer(0);
  expect(given).toEqual({ 1: [0, 3], 2: [1, 2] });
});

test("an answer that comes on another connection, after its worker's has closed, is in time for 300 ms", () => {
  come(1);
  ask(1);
  go(1);
  come(2);
  pass(299);
  answer(0);
  pass(1000);
  expect(given).toEqual({ 1: [0] });
  expect(stateOf(0)).toBe("result");
});

test("what a worker had when it went goes before all that came later", () => {
  come(1);
  ask(3);
  go(1);
  pass(300);
  come(2);
  answer(0);
  answer(1);
  expect(given[2]).toEqual([0, 1, 2]);
});

test("a task that took down three workers is an error; those that wait behind it are done", () => {
  ask(2);
  for (const key of [1, 2, 3]) {
    come(key);
    go(key);
    pass(300);
  }
  come(4);
  expect(given).toEqual({ 1: [0], 2: [0], 3: [0], 4: [1] });
  expect(stateOf(0)).toBe("error");
  expect(errors).toEqual([
    '{"code":300,"message":"no worker finished it: 3 went while it was what they did"}',
  ]);
});

test("one that answers nothing within its patience is given more only when nobody else is free", () => {
  come(1);
  ask(1);
  pass(PATIENCE_MS);
  come(2);
  ask(1);
  expect(given).toEqual({ 1: [0], 2: [1] });
  ask(1);
  expect(given).toEqual({ 1: [0, 2], 2: [1] });
  expect(core.desk.registry.get(ids[0])).toMatchObject({ state: "delivered", isSilent: true });
});

test("what a silent one was given is given to another one when its connection ends, all of it and in order", () => {
  come(1);
  ask(2);
  pass(2 * PATIENCE_MS);
  expect(given).toEqual({ 1: [0, 1] });
  go(1);
  come(2);
  pass(300);
  answer(0);
  expect(given[2]).toEqual([0, 1]);
  expect(core.desk.registry.get(ids[1])).toMatchObject({ takedowns: 0 });
});

test("one that has answered none of sixteen is given no more until it does, be it late", () => {
  come(1);
  ask(18, WALL + 3_600_000);
  pass(3_600_000);
  expect(given[1]).toHaveLength(16);
  expect(stateOf(0)).toBe("expired");
  ask(1);
  expect(given[1]).toHaveLength(16);
  answer(0);
  expect(given[1].at(-1)).toBe(18);
  expect(stateOf(0)).toBe("expired");
  expect(core.desk.counts.lateAnswers).toBe(1);
});

test("one whose socket takes no more is left alone for its patience, and the task goes to another one", () => {
  full.add(1);
  come(1);
  ask(1);
  expect(given).toEqual({});
  come(2);
  expect(given).toEqual({ 2: [0] });
  full.clear();
  pass(PATIENCE_MS);
  ask(1);
  expect(given).toEqual({ 1: [1], 2: [0] });
});

test("an answer to what waits again takes it out of the queue", () => {
  come(1);
  ask(2);
  go(1);
  pass(300);
  answer(0);
  come(2);
  expect(given[2]).toEqual([1]);
});

test("a task that comes again is not done again, also when it has ended", () => {
  come(1);
  const message = messageOf({ type: "config", spec: "example_clock" });
  ids.push(message.id);
  for (let i = 0; i < 2; i++) core.intake.receiveCom([...framesOf(message)], sender);
  answer(0);
  core.intake.receiveCom([...framesOf(message)], sender);
  expect(given[1]).toEqual([0]);
  expect(core.desk.counts.repeated).toBe(2);
});

test("news of a task says that its worker is at it; what waits is nobody's", () => {
  come(1);
  ask(2);
  const news = (pid: string) =>
    messageOf({ type: "data", spec: "example_clock", pid, creator: "0000-clock" });
  for (const id of ids) core.intake.receiveCom([...framesOf(news(id))], sender);
  expect(ids.map((id) => core.desk.registry.get(id)).map((task) => [task!.state, task!.on])).toEqual([
    ["running", "0000-clock"],
    ["queued", ""],
  ]);
});

test("what waits, and what was answered, is a copy: the bytes that came are their socket's again after the call", () => {
  const receive = (message: Message) => {
    const frames = framesOf(message).map((part) => Buffer.from(part));
    core.intake.receiveCom(frames, sender);
    for (const frame of frames) frame.fill(0);
  };
  const message = messageOf({ type: "config", spec: "example_clock" });
  ids.push(message.id);
  receive(message);
  come(1);
  expect(given[1]).toEqual([0]);
  receive(messageOf({ type: "result", spec: "example_clock", pid: message.id, data: textOf({ now: 5 }) }));
  const { answer: kept } = core.desk.registry.get(message.id)!;
  expect(Buffer.from(kept!.data!).toString()).toBe('{"now":5}');
});

/** Whoever answers says that all is well, on another connection than it works on. */
function beat(): void {
  const said = { sync_time: WALL + now, name: "example_w", is_alive: true, message: "" };
  core.health.heard({ key: 7, address: "127.0.0.1:7" }, "0000-tester", said);
}
const isSilent = () => core.health.viewsOf("example_w")[0].isSilent;

test("who says that all is well, and is no worker any more, is silent once a task has waited its time for nobody", () => {
  beat();
  come(1);
  ask(1);
  answer(0);
  go(1);
  ask(1, WALL + now + 1000);
  pass(999);
  expect(isSilent()).toBe(false);
  pass(2);
  expect([stateOf(1), isSilent()]).toEqual(["expired", true]);
  come(2);
  ask(1);
  answer(2);
  expect(isSilent()).toBe(false);
  // A worker that is there, and had no time, is another thing.
  ask(2, WALL + now + 1000);
  pass(1001);
  expect([stateOf(4), isSilent()]).toEqual(["expired", false]);
});

test("whoever answered the last task that everyone heard is silent once the next one has waited its time", () => {
  beat();
  const task = (expires_at = 0) => messageOf({ type: "config", spec: "example_sum", expires_at });
  const [first, second] = [task(), task(WALL + 1000)];
  core.intake.receiveCom([...framesOf(first)], sender);
  const result = messageOf({ type: "result", spec: "example_sum", pid: first.id });
  core.intake.receiveCom([...framesOf(result)], sender);
  core.intake.receiveCom([...framesOf(second)], sender);
  pass(999);
  expect(isSilent()).toBe(false);
  pass(2);
  expect(isSilent()).toBe(true);
});
