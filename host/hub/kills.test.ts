/** What comes of kills, in simulated time (MoniQue KILL1 to KILL4). */
import { beforeEach, describe, expect, test } from "vitest";
import { decodeMessage } from "../monique/body.ts";
import { drawId } from "../monique/id.ts";
import type { Message } from "../monique/message.ts";
import { HubCore } from "./hub-core.ts";
import { viewTask } from "./task-view.ts";
import { TestBoards } from "./testing/boards.ts";
import { framesOf, messageOf, textOf } from "./testing/messages.ts";
import type { KillView } from "./views.ts";

const WALL = 1_795_301_705_000;
const by = { via: "http", who: "operator" } as const;
const sender = { key: 1, address: "127.0.0.1:1", names: [] };

let now = 0;
let core: HubCore;
let boards: TestBoards;
let com: Message[];
let tech: Message[];
let listeners: number[];
let warnings: string[];

beforeEach(() => {
  now = 0;
  boards = new TestBoards();
  com = [];
  tech = [];
  listeners = [];
  warnings = [];
  const note = (into: Message[]) => (parts: readonly Uint8Array[]) =>
    into.push(decodeMessage(parts[1]) as Message);
  const settings = {
    ...{ creator: "gw-1", allow: [], frequenciesMs: {} },
    controller: [{ spec: "example_clock", port: 0, patienceMs: 300_000 }],
  };
  core = new HubCore(
    settings,
    {
      ...{ publishCom: note(com), publishTech: note(tech), send: () => true },
      ...{ listenersOf: () => listeners, newestListener: () => 0, twins: () => boards },
      ...{ onTask: () => {}, onTaskTaken: () => {}, onTaskKilled: () => {}, onTaskEnded: () => {} },
      ...{ onTaskForgotten: () => {}, onComponent: () => {} },
      ...{ onKill: () => {}, onAuditLine: () => {} },
    },
    { now: () => now, wall: () => WALL + now },
    { debug() {}, info() {}, warn: (_, text) => void warnings.push(text), error() {} },
  );
});

function ask(spec: string, fields: Partial<Message> = {}): string {
  const message = messageOf({ type: "config", spec, ...fields });
  core.intake.receiveCom([...framesOf(message)], sender);
  return message.id;
}

function say(type: "result" | "error" | "data", pid: string, data: unknown = {}): void {
  const message = messageOf({ type, spec: "example_clock", pid, creator: "0000-worker", data: textOf(data) });
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

const kill = (id: string, children = false) => core.kill(id, by, children);
const stateOf = (id: string) => core.desk.registry.get(id)?.state;
const killsTold = () => tech.filter(({ spec }) => spec === "kill").length;

/** What is known of a kill now. */
function watch(outcome: Promise<KillView>): { view: KillView | undefined } {
  const watched: { view: KillView | undefined } = { view: undefined };
  void outcome.then((view) => {
    watched.view = view;
  });
  return watched;
}

describe("with a worker", () => {
  beforeEach(() => core.workerCame("example_clock", { key: 5, address: "worker" }));

  test("its connection ends: confirmed, and the task is given to nobody", async () => {
    const id = ask("example_clock");
    const next = ask("example_clock");
    const outcome = kill(id);
    pass(400);
    core.workerWent(5, false);
    expect(await outcome).toMatchObject({
      outcome: "confirmed",
      how: "its worker's connection ended",
      ms: 400,
    });
    core.workerCame("example_clock", { key: 6, address: "worker" });
    pass(1000);
    expect([stateOf(id), stateOf(next)]).toEqual(["killed", "delivered"]);
  });

  test("it says 301: confirmed, and it is given the next task at once", async () => {
    const id = ask("example_clock");
    const next = ask("example_clock");
    const outcome = kill(id);
    expect(stateOf(next)).toBe("queued");
    say("error", id, { code: 301, message: "task killed" });
    expect(await outcome).toMatchObject({ outcome: "confirmed", how: "the component said so" });
    expect([stateOf(id), stateOf(next)]).toEqual(["killed", "delivered"]);
  });

  test("it answers after all: finished before", async () => {
    const id = ask("example_clock");
    const outcome = kill(id);
    say("result", id);
    expect(await outcome).toMatchObject({ outcome: "finished before" });
    expect(stateOf(id)).toBe("result");
  });

  test("nothing happens: told again after 1, 3 and 7 s, unconfirmed after 10, and its worker keeps its time", async () => {
    const id = ask("example_clock");
    const next = ask("example_clock");
    const shown = () => viewTask(core.desk.registry.get(id)!).kill;
    expect(shown()).toBeUndefined();
    const outcome = watch(kill(id));
    expect(shown()).toBe("pending");
    const told: number[] = [];
    for (let i = 0; i <= 20; i++) {
      told.push(killsTold());
      pass(500);
    }
    expect(told).toEqual([1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4]);
    await Promise.resolve();
    expect(outcome.view).toMatchObject({ outcome: "unconfirmed", ms: 10_000 });
    expect(warnings).toEqual(["a task was told to stop and nothing shows that it did"]);
    expect([stateOf(id), stateOf(next), shown()]).toEqual(["delivered", "queued", "unconfirmed"]);
    pass(290_000);
    expect(shown()).toBeUndefined();
    expect([stateOf(id), stateOf(next)]).toEqual(["killed", "delivered"]);
  });

  test("whoever else asks meanwhile hears the same, up to a hundred", async () => {
    const id = ask("example_clock");
    const outcomes = Array.from({ length: 101 }, () => kill(id));
    expect(await outcomes[100]).toMatchObject({ outcome: "refused", why: "it is being killed" });
    core.workerWent(5, false);
    for (const outcome of outcomes.slice(0, 100))
      expect(await outcome).toMatchObject({ outcome: "confirmed" });
    expect(killsTold()).toBe(100);
  });
});

test("a worker that went had it, and its answer may yet come: the kill withdraws it", async () => {
  core.workerCame("example_clock", { key: 5, address: "worker" });
  const id = ask("example_clock");
  core.workerWent(5, false);
  expect(await kill(id)).toMatchObject({ outcome: "confirmed", how: "withdrawn from the queue" });
  core.workerCame("example_clock", { key: 6, address: "worker" });
  pass(1000);
  expect(core.desk.registry.get(id)).toMatchObject({ state: "killed", deliveries: 1 });
});

test("finished before: requesters hear 301 with spec error alone, and components the kill", async () => {
  const id = ask("example_radio");
  say("result", id);
  com.length = 0;
  expect(await kill(id)).toMatchObject({ outcome: "finished before", spec: "example_radio" });
  expect(com.map(({ spec, pid, creator }) => [spec, pid, creator])).toEqual([["error", id, "operator"]]);
  expect(killsTold()).toBe(1);
});

describe("published to everyone", () => {
  test("a connection that heard of it ends: confirmed; another one tells nothing", async () => {
    listeners = [7, 8];
    const id = ask("example_radio");
    const outcome = kill(id);
    core.kills.listenerWent(9);
    expect(stateOf(id)).toBe("queued");
    core.kills.listenerWent(8);
    expect(await outcome).toMatchObject({ outcome: "confirmed", how: "the component's connection ended" });
    expect(com.filter(({ type }) => type === "error").map(({ spec }) => spec)).toEqual([
      "error",
      "example_radio",
    ]);
  });

  test("nobody who heard of it is connected: confirmed", async () => {
    const id = ask("example_radio");
    expect(await kill(id)).toMatchObject({ how: "nobody who heard of it is connected" });
  });
});

describe("a board's", () => {
  const order = () => ask("bowline_sim-1", { data: textOf({ ot: "l:led" }) });

  test.each([
    ["withdrawn", "withdrawn before it was sent"],
    ["told", "the board was told"],
    ["passed on", "the next gateway, which tells the board, has it"],
    ["unknown", "no board has it"],
  ] as const)("%s: confirmed", async (how, words) => {
    boards.how = how;
    const id = order();
    const outcome = kill(id);
    // The request ends by an error as well, whichever is first.
    boards.given[0].events.onError(301, "task killed");
    expect(await outcome).toMatchObject({ outcome: "confirmed", how: words });
    boards.given[0].events.onError(301, "task killed");
    expect(stateOf(id)).toBe("killed");
    expect(com.filter(({ type }) => type === "error")).toHaveLength(2);
  });

  test("that answers first was finished before", async () => {
    const id = order();
    const outcome = kill(id);
    boards.given[0].events.onResult({ v: 1 });
    expect(await outcome).toMatchObject({ outcome: "finished before" });
    expect(stateOf(id)).toBe("result");
  });

  test("that cannot be told: unconfirmed, and killed once it ends", async () => {
    boards.how = new Error("the store takes nothing");
    const id = order();
    const outcome = kill(id);
    await new Promise(setImmediate);
    pass(10_000);
    expect(await outcome).toMatchObject({ outcome: "unconfirmed" });
    expect(warnings[0]).toBe("a board's task could not be stopped: the store takes nothing");
    expect(stateOf(id)).toBe("queued");
    boards.given[0].events.onError(300, "expired");
    expect(stateOf(id)).toBe("killed");
  });

  test("that has ended by then, and could not be told: confirmed in the end", async () => {
    boards.how = new Error("the store takes nothing");
    const outcome = kill(order());
    boards.given[0].events.onError(300, "expired");
    pass(10_000);
    expect(await outcome).toMatchObject({ outcome: "confirmed", how: "it has ended" });
  });
});

describe("with children", () => {
  test("the task is told first, then what it asked for; what has ended is left alone", async () => {
    core.workerCame("example_clock", { key: 5, address: "worker" });
    const root = ask("example_clock");
    const child = ask("example_radio", { pid: root });
    const done = ask("example_radio", { pid: root });
    const grandchild = ask("example_radio", { pid: done });
    say("result", done);
    const outcome = kill(root, true);
    const told = () => tech.map(({ data }) => JSON.parse(Buffer.from(data).toString()).task_id);
    expect(told()[0]).toBe(root);
    core.workerWent(5, false);
    const view = await outcome;
    expect(told().sort()).toEqual([root, child, grandchild].sort());
    expect(view.children.map(({ task, outcome }) => [task, outcome]).sort()).toEqual(
      [
        [child, "confirmed"],
        [grandchild, "confirmed"],
      ].sort(),
    );
    expect(stateOf(done)).toBe("result");
  });

  test("a child that came while the task was being stopped is found", async () => {
    core.workerCame("example_clock", { key: 5, address: "worker" });
    const root = ask("example_clock");
    const outcome = kill(root, true);
    const child = ask("example_radio", { pid: root });
    core.workerWent(5, false);
    expect((await outcome).children).toMatchObject([{ task: child, outcome: "confirmed" }]);
  });

  test("not asked for: children go on", async () => {
    const root = ask("example_radio");
    const child = ask("example_radio", { pid: root });
    await kill(root);
    expect(stateOf(child)).toBe("queued");
  });
});

test("a kill whose time is over is refused", () => {
  const expired = { expires_at: WALL - 1, data: textOf({ task_id: drawId() }) };
  core.intake.receiveTech([...framesOf(messageOf({ type: "config", spec: "kill", ...expired }))], sender);
  expect(core.audit.newest(1)).toMatchObject([{ outcome: "refused", why: "its time was over when it came" }]);
  expect([com, tech]).toEqual([[], []]);
});

test("a task that waits is withdrawn however many kills are waited for", async () => {
  listeners = [7];
  for (let i = 0; i < 1000; i++) void kill(ask("example_radio"));
  expect(await kill(ask("example_radio"))).toMatchObject({ outcome: "unconfirmed" });
  const waiting = ask("example_clock");
  expect(await kill(waiting)).toMatchObject({ outcome: "confirmed", how: "withdrawn from the queue" });
  core.workerCame("example_clock", { key: 5, address: "worker" });
  expect(stateOf(waiting)).toBe("killed");
});

test("one that everyone heard and that is pushed out by others that nobody answers: nobody knows how it ended", async () => {
  listeners = [7];
  const outcome = kill(ask("example_radio"));
  for (let i = 0; i < 10_000; i++) ask("example_radio");
  expect(await outcome).toMatchObject({ outcome: "unconfirmed", how: "" });
});

test("one that was to be stopped before a restart, and whose time is over by then, has expired", () => {
  const fields = { spec: "example_clock", creator: "c", parent: "", createdAt: WALL, expiresAt: WALL + 5 };
  const [tag, body] = framesOf(messageOf({ type: "config", spec: "example_clock" }));
  const task = core.desk.restore({ id: drawId(), ...fields }, "controller", 1, [tag, body]);
  task.isKilled = true;
  now = 10;
  core.begin(task);
  expect(task).toMatchObject({ state: "expired", isKilled: true });
});

test("whose name is none that components have kills in the gateway's", async () => {
  const id = ask("example_radio");
  await core.kill(id, { via: "irc", who: "ops:bridge" }, false);
  expect(tech.filter(({ spec }) => spec === "kill").map(({ creator }) => creator)).toEqual(["gw-1"]);
  expect(core.audit.newest(1)).toMatchObject([{ by: { via: "irc", who: "ops:bridge" } }]);
});

test("whoever has a certificate is audited by what it proves, not by what the message says", () => {
  const data = textOf({ task_id: drawId() });
  const message = messageOf({ type: "config", spec: "kill", creator: "somebody", data });
  core.intake.receiveTech([...framesOf(message)], { ...sender, names: ["panel", "panel.local"] });
  expect(core.audit.newest(1)).toMatchObject([{ by: { via: "tech", who: "panel, panel.local" } }]);
});

test("an error that cannot be read is one of the component", () => {
  const id = ask("example_radio");
  say("error", id, "no object");
  expect(core.desk.registry.get(id)).toMatchObject({ state: "error", answer: { error: { code: 500 } } });
});

describe("what a board's worker says", () => {
  test("that it is at it twice is one delivery", () => {
    const id = ask("bowline_sim-1", { data: textOf({ ot: "l:led" }) });
    boards.given[0].events.onRunning("sim-1");
    boards.given[0].events.onRunning("gw-2");
    expect(core.desk.registry.get(id)).toMatchObject({ state: "running", on: "gw-2", deliveries: 1 });
  });

  test("after the end changes nothing, and is said to nobody", async () => {
    const id = ask("bowline_sim-1", { data: textOf({ ot: "l:led" }) });
    await kill(id);
    com.length = 0;
    boards.given[0].events.onResult({ v: 1 });
    expect([stateOf(id), com]).toEqual(["killed", []]);
  });

  test("without a value is null", () => {
    const id = ask("bowline_sim-1", { data: textOf({ ot: "l:led" }) });
    boards.given[0].events.onResult(undefined);
    expect(viewTask(core.desk.registry.get(id)!)).toMatchObject({ state: "result", result: null });
  });
});

test("of a thousand specs the last answerers are known: who is forgotten is learned with the next answer", () => {
  const silent: string[] = [];
  const setSilent = core.health.setSilent.bind(core.health);
  core.health.setSilent = (creator) => {
    silent.push(creator);
    setSilent(creator);
  };
  const answer = (spec: string) => {
    const pid = ask(spec);
    const message = messageOf({ type: "result", spec, pid, creator: "0000-worker" });
    core.intake.receiveCom([...framesOf(message)], sender);
  };
  const expire = () => {
    ask("example_first", { expires_at: WALL + now + 10 });
    pass(10);
    return silent.splice(0);
  };
  answer("example_first");
  expect(expire()).toEqual(["0000-worker"]);
  for (let i = 0; i < 1000; i++) answer(`example_n${i}`);
  expect(expire()).toEqual([]);
  answer("example_first");
  expect(expire()).toEqual(["0000-worker"]);
});
