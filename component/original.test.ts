/**
 * Components of the original (mq-component-py) around a gateway, in processes of their own: what they say to each other, how
 * they are shown, and what becomes of their traps (MoniQue).
 */
import { describe, expect, test } from "vitest";
import { until } from "../host/platform/testing/until.ts";
import { freePort } from "../host/testing/free-port.ts";
import { stopAfterEach } from "../host/testing/stops.ts";
import { isOriginalThere, Originals, originalNeeded } from "./testing/original.ts";
import { killer, ports, World } from "./testing/original-world.ts";

/** Of the original's processes, the one that works until a kill. */
const COMMUNICATION = 3;
const often = { frequency: 100 };
const killed = { code: 301, message: "task killed" };
/** A worker of the controller, or of everybody, that does what it is told with each task. */
const ownProgram = `
import json, time
from mq.component import Component
from mq.protocol import create_message, message_spec, never_expires

class Own(Component):
    def run(self, sched_out, contr_out, sched_in, state_message):
        while True:
            tag, msg = contr_out.recv_multipart()
            self.approve_tag(tag)
            time.sleep(json.loads(msg.data)["s"])
            creator = self.get_config().creator
            sched_in.send(create_message(msg.id, creator, never_expires, message_spec(tag), "JSON", "result", b"{}"))

Own("example_own")
`;

const stops = stopAfterEach();
const sum = { first: 12, second: 42, action: "+" };
const saving = { months: 12, per_month: 42 };

describe.skipIf(!isOriginalThere)(`the original's components (${originalNeeded})`, () => {
  test("calculator and bank answer, also with errors, and are shown with their tasks and heartbeats", async () => {
    const world = await World.begin(stops, ...ports);
    const { originals } = world;
    await originals.example("calculator.py", "example_calculator-py", often);
    await world.untilReady("example_calculator", sum);
    const added = await world.task("example_calculator", sum);
    expect(await world.untilAnswer(added)).toEqual([
      ["result", "example_calculator", "example_calculator-py", { answer: 54 }],
    ]);
    const wrong = await world.task("example_calculator", { ...sum, action: "%" });
    expect(await world.untilAnswer(wrong)).toEqual([
      ["error", "example_calculator", "example_calculator-py", { code: 500, message: "unknown action %" }],
    ]);
    await originals.example("bank.py", "example_bank-py", often);
    await world.untilReady("example_bank", saving);
    const saved = await world.task("example_bank", saving);
    await world.untilAnswer(saved);
    const { children, ...bank } = world.work.task(saved)!;
    expect(bank).toMatchObject({ state: "result", on: "example_bank-py", result: { answer: 504 } });
    expect(world.work.task(children[0])).toMatchObject({ parent: saved, result: { answer: 504 } });
    const message = `Result sent back to ${saved}`;
    await until(async () => {
      const lines = await world.monitoring();
      expect(lines.find(({ name }) => name === "example_bank-py")).toMatchObject({ is_alive: true, message });
    });
    const listing = await world.verb("components");
    expect(listing).toMatch(/example_bank-py +(unknown|alive) .* example_bank-py +Result sent back to /);
    expect(listing).toMatch(/example_calculator-py +(unknown|alive) /);
  });

  test("the radio's listener hears its speaker, and says so in its heartbeat; broken JSON is shown as it came", async () => {
    const world = await World.begin(stops, ...ports);
    const { originals } = world;
    const listener = await originals.example("radio-listener.py", "example_radio-listener-py", often);
    await originals.example("radio-speaker.py", "example_radio-speaker-py", often);
    await listener.says(`b'{"message": "Hello! It\\'s me."}'`);
    const heard = "Processed message from example_radio-speaker-py";
    await until(() => world.beats("example_radio-listener-py").some(({ message }) => message === heard));
    // It puts the creator into JSON as it is.
    await world.task("example_radio", { message: "" }, { type: "data", creator: 'o"brien' });
    const name = "example_radio-listener-py";
    await until(() => world.work.components().some((one) => one.name === name && one.invalid > 0));
    expect(world.work.components().find((one) => one.name === name)).toMatchObject({
      state: "alive",
      message: heard,
      raw: expect.stringContaining('"message" : "Processed message from o"brien"}'),
    });
    expect((await world.monitoring()).find((one) => one.name === name)?.message).toBe(heard);
    expect(await world.verb("components", name)).toContain("that could not be read");
  });

  test("who asks for the time is answered by one of two clocks each time, and by the other once one is gone", async () => {
    const world = await World.begin(stops, ...ports, "monique.controller.example_clock=0");
    const { originals } = world;
    const worker = { isWorker: true };
    const clocks = [
      await originals.example("clock-reply.py", "example_clock-reply-py", { ...worker, creator: "clock-1" }),
      await originals.example("clock-reply.py", "example_clock-reply-py", { ...worker, creator: "clock-2" }),
    ];
    await until(() => world.workers === 2);
    const ask = await originals.example("clock-ask.py", "example_clock-ask-py");
    await ask.says("Time is ");
    for (let i = 0; i < 5; i++) await world.untilAnswer(await world.task("example_clock", { question: "?" }));
    for (const clock of clocks) expect(clock.printed).toContain("{'question': ");
    const by = world.work.tasks({ limit: 100, spec: "example_clock" }).map(({ on }) => on);
    expect(new Set(by)).toEqual(new Set(["clock-1", "clock-2"]));
    await clocks[0].end();
    for (let i = 0; i < 4; i++) await world.untilAnswer(await world.task("example_clock", { question: "?" }));
    expect(world.work.tasks({ limit: 4 }).map(({ on }) => on)).toEqual(Array(4).fill("clock-2"));
  });

  test("a kill of what runs ends it, requesters hear 301 with both specs, it works again, and nobody else is touched", async () => {
    const world = await World.begin(stops, ...ports);
    const { originals } = world;
    const calculator = await originals.example("calculator.py", "example_calculator-py");
    await world.untilReady("example_calculator", sum);
    const bank = await originals.example("bank.py", "example_bank-py", { frequency: 1 });
    const listener = await originals.example("radio-listener.py", "example_radio-listener-py", often);
    await world.untilReady("example_bank", saving);
    await calculator.end();
    const task = await world.task("example_bank", saving);
    await until(() => world.hasChild(task));
    const [before, others] = [await bank.processes(), await listener.processes()];
    const from = performance.now();
    await world.kill(task);
    expect(await world.outcomeOf(task)).toMatchObject({
      ...{ outcome: "confirmed", how: "the component's connection ended", by: { via: "tech", who: killer } },
    });
    await until(() => world.answers(task).length >= 2);
    expect(world.answers(task)).toEqual([
      ["error", "error", killer, killed],
      ["error", "example_bank", killer, killed],
    ]);
    await world.untilOne("example_bank", saving, (id) => world.hasChild(id));
    console.info(`the bank works again ${Math.round(performance.now() - from)} ms after the kill`);
    const after = await bank.processes();
    expect(before.filter((pid) => !after.includes(pid))).toEqual([before[COMMUNICATION]]);
    expect(await listener.processes()).toEqual(others);
    // It is down for some milliseconds, and a heartbeat falls into one of them.
    await until(async () => {
      const alive = world.beats("example_bank-py").map(({ is_alive }) => is_alive);
      if (alive.lastIndexOf(true) > alive.indexOf(false) && alive.includes(false)) return;
      const again = await world.untilOne("example_bank", saving, (id) => world.hasChild(id));
      await world.kill(again);
      await world.outcomeOf(again);
      throw new Error(`${alive.length} heartbeats, and all say that it is alive`);
    });
    const states = world.work.history("example_bank-py").map(({ state }) => state);
    expect(states.indexOf("up")).toBeLessThan(states.indexOf("down"));
    expect(
      world
        .messages(world.com)
        .filter(({ creator, type }) => creator === "example_bank-py" && type === "error"),
    ).toEqual([]);
  });

  test("ids of kills that are none reach no component, and another's stops nothing", async () => {
    const world = await World.begin(stops, ...ports);
    const { originals } = world;
    const calculator = await originals.example("calculator.py", "example_calculator-py", often);
    await world.untilReady("example_calculator", sum);
    // Nothing was asked of this one yet: in the original "" is the id of its task.
    const listener = await originals.example("radio-listener.py", "example_radio-listener-py", often);
    await until(() => world.beats("example_radio-listener-py").length > 0);
    const before = [await calculator.processes(), await listener.processes()];
    for (const bad of ["", null, "restart_communicational", 7, [], "A".repeat(39)]) await world.kill(bad);
    const other = "A".repeat(40);
    await world.kill(other);
    expect(await world.outcomeOf(other)).toMatchObject({ outcome: "unknown", by: { who: killer } });
    expect(world.work.kills(9).map(({ outcome }) => outcome)).toEqual([
      "unknown",
      ...Array(6).fill("refused"),
    ]);
    await until(() => world.messages(world.tech).some(({ spec }) => spec === "kill"));
    const told = world.messages(world.tech).filter(({ spec }) => spec === "kill");
    expect(told.map(({ data }) => JSON.parse(`${Buffer.from(data)}`))).toEqual([{ task_id: other }]);
    await until(() => world.answers(other).length > 0);
    expect(
      world
        .messages(world.com)
        .filter(({ spec }) => spec === "error")
        .map(({ pid }) => pid),
    ).toEqual([other]);
    const next = await world.task("example_calculator", sum);
    await world.untilAnswer(next);
    await world.untilAnswer(await world.task("example_calculator", sum));
    expect(world.answers(next)).toHaveLength(1);
    expect([await calculator.processes(), await listener.processes()]).toEqual(before);
  });

  test("after a kill of the last task, finished long ago, the original begins anew all the same; requesters keep its result", async () => {
    const world = await World.begin(stops, ...ports);
    const calculator = await world.originals.example("calculator.py", "example_calculator-py", often);
    await world.untilReady("example_calculator", sum);
    const last = await world.task("example_calculator", sum);
    await world.untilAnswer(last);
    const before = await calculator.processes();
    await world.kill(last);
    expect(await world.outcomeOf(last)).toMatchObject({ outcome: "finished before" });
    await until(async () => !(await calculator.processes()).includes(before[COMMUNICATION]));
    await world.untilReady("example_calculator", sum);
    expect(world.work.task(last)).toMatchObject({ state: "result", result: { answer: 54 } });
  });

  test("of six tasks and two workers, one task killed: five answers, each once", async () => {
    const world = await World.begin(stops, ...ports, "monique.controller.example_clock=0");
    const { originals } = world;
    for (const creator of ["worker-1", "worker-2"])
      await originals.own(ownProgram, { creator, isWorker: true });
    await until(() => world.workers === 2);
    const first = await world.task("example_clock", { s: 600 });
    const others: string[] = [];
    for (let i = 0; i < 5; i++) others.push(await world.task("example_clock", { s: 0.1 }));
    await until(() => world.answers(others[1]).length > 0);
    await world.kill(first);
    expect(await world.outcomeOf(first)).toMatchObject({
      ...{ outcome: "confirmed", how: "its worker's connection ended" },
    });
    for (const id of others) await world.untilAnswer(id);
    await until(() => world.workers === 2);
    await world.untilAnswer(await world.task("example_clock", { s: 0 }));
    expect(others.map((id) => world.answers(id).length)).toEqual([1, 1, 1, 1, 1]);
    expect(world.answers(first).map(([, , , data]) => data)).toEqual([killed, killed]);
  });

  test("one whose working process is killed with -9 says that it is alive; its tasks wait for another, and it is shown as silent", async () => {
    const world = await World.begin(stops, ...ports, "monique.controller.example_clock=0");
    const { originals } = world;
    const worker = { ...often, isWorker: true };
    const deaf = await originals.example("clock-reply.py", "example_clock-reply-py", {
      ...worker,
      creator: "deaf",
    });
    await until(() => world.workers === 1);
    await world.untilAnswer(await world.task("example_clock", { question: "?" }));
    process.kill((await deaf.processes())[COMMUNICATION], "SIGKILL");
    await until(() => world.workers === 0);
    const waits = await world.task("example_clock", { question: "?" });
    const said = world.beats("example_clock-reply-py").length;
    await until(() => world.beats("example_clock-reply-py").length > said + 2);
    expect(world.beats("example_clock-reply-py").at(-1)).toMatchObject({ is_alive: true });
    expect(world.work.task(waits)).toMatchObject({ state: "queued" });
    await world.task("example_clock", { question: "?" }, { expires_at: Date.now() + 50 });
    await until(() =>
      world.work.components().some(({ creator, isSilent }) => creator === "deaf" && isSilent),
    );
    expect(await world.verb("components")).toMatch(/example_clock-reply-py +alive, silent /);
    await originals.example("clock-reply.py", "example_clock-reply-py", { ...worker, creator: "well" });
    expect(await world.untilAnswer(waits)).toMatchObject([["result", "example_clock", "well", {}]]);
  });

  test("one original config.json serves the gateway, and with it the original's components", async () => {
    const [comIn, comOut, techIn, techOut, clock] = await Promise.all(Array.from({ length: 5 }, freePort));
    const places = { com: { in: comIn, out: comOut }, tech: { in: techIn, out: techOut }, controller: clock };
    const folder = new Originals(places);
    await folder.open();
    stops.push(() => folder.close());
    const config = JSON.parse(await folder.exampleConfig());
    config.params["scheduler-logic"] = {
      "allow-messages": ["example_clock", "example_radio", "bench_probe"],
    };
    config.params.mq_controller = { connections: { example_clock: clock } };
    const file = await folder.write("config.json", JSON.stringify(config, null, 2));
    const world = await World.begin(stops, `monique.configFile=${file}`);
    const [listener, , , ask] = ["radio-listener", "radio-speaker", "clock-reply", "clock-ask"].map((name) =>
      folder.exampleWith(`${name}.py`, file),
    );
    await listener.says("Hello! It\\'s me.");
    await ask.says("Time is ");
    await world.task("example_calculator", sum);
    await until(() => world.bench.hub.counts.dropped.SPEC_NOT_ALLOWED === 1);
    expect(world.work.tasks({ limit: 9, spec: "example_calculator" })).toEqual([]);
    expect(await world.verb("tasks", "--spec", "example_clock")).toContain("0101-1001-1010-clock-reply-py");
  });
});
