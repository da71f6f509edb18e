/** Components of the original (mq-component-py) and ours at one gateway: they work for each other, and where they differ. */
import { decode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import { until } from "../host/platform/testing/until.ts";
import { stopAfterEach } from "../host/testing/stops.ts";
import { isOriginalThere, originalNeeded } from "./testing/original.ts";
import { ports, World } from "./testing/original-world.ts";
import { dist } from "./testing/programs.ts";

const often = { frequency: 100 };
const no = { first: 12, second: 42, action: "%" };
const stops = stopAfterEach();
const sum = { first: 12, second: 42, action: "+" };
const saving = { months: 12, per_month: 42 };

describe.skipIf(!isOriginalThere)(`beside the original's components, ours (${originalNeeded})`, () => {
  test("a bank of theirs asks calculators of ours, in either language, and ours asks theirs", async () => {
    const world = await World.begin(stops, ...ports);
    const { originals } = world;
    const theirs = await originals.example("calculator.py", "example_calculator-py");
    await world.untilReady("example_calculator", sum);
    const bank = await world.ours("bank", "example_bank");
    await world.untilReady("example_bank", saving);
    expect(await savedBy(world)).toEqual(["example_bank", "example_calculator-py", { answer: 504 }]);
    await Promise.all([theirs.end(), bank.end()]);
    const ours = await world.ours("calculator", "example_calculator");
    await world.untilReady("example_calculator", sum);
    await originals.example("bank.py", "example_bank-py");
    await world.untilReady("example_bank", saving);
    expect(await savedBy(world)).toEqual(["example_bank-py", "example_calculator", { answer: 504 }]);
    await ours.end();
    await world.inPython(await originals.write("calc.py", calculatorInPython), "example_calculator");
    await world.untilReady("example_calculator", sum);
    expect(await savedBy(world)).toEqual(["example_bank-py", "example_calculator", { answer: 504 }]);
  });

  test("clocks of both are workers of one spec, and both kinds of askers get the time; radios hear each other", async () => {
    const world = await World.begin(stops, ...ports, "monique.controller.example_clock=0");
    const { originals } = world;
    const worker = { isWorker: true };
    await originals.example("clock-reply.py", "example_clock-reply-py", worker);
    await world.ours("clock-reply", "example_clock-reply", worker);
    await until(() => world.workers === 2);
    const asks = [
      await originals.example("clock-ask.py", "example_clock-ask-py"),
      await world.ours("clock-ask", "example_clock-ask"),
    ];
    for (const ask of asks) await ask.says("Time is ");
    for (let i = 0; i < 4; i++) await world.untilAnswer(await world.task("example_clock", { question: "?" }));
    const by = new Set(world.work.tasks({ limit: 100, spec: "example_clock" }).map(({ on }) => on));
    expect(by).toEqual(new Set(["example_clock-reply-py", "example_clock-reply"]));
    const theirs = await originals.example("radio-listener.py", "example_radio-listener-py");
    const own = await originals.write("radio.mjs", radio);
    const ours = await originals.start([process.execPath, own], "example_radio");
    await originals.example("radio-speaker.py", "example_radio-speaker-py");
    await theirs.says("It is ours.");
    await ours.says('{ message: "Hello! It\'s me." }');
  });

  test("on the wire the two say the same: keys, their order, every type, and the same JSON but for its spaces", async () => {
    const world = await World.begin(stops, ...ports);
    const { originals } = world;
    const starts = [
      () => originals.example("calculator.py", "example_calculator-py", { ...often, creator: "same" }),
      () => world.ours("calculator", "example_calculator", { ...often, creator: "same" }),
      async () => {
        const file = await originals.write("calc.py", calculatorInPython);
        return world.inPython(file, "example_calculator", { ...often, creator: "same" });
      },
    ];
    const said: { bytes: string[]; connections: number }[] = [];
    // This test's own connection is counted before theirs.
    const first = await world.task("example_calculator", sum);
    await until(() => world.messages(world.com).some(({ id }) => id === first));
    for (const start of starts) {
      const [heard, connected] = [world.tech.heard.length, connections(world)];
      const one = await start();
      await world.untilReady("example_calculator", sum);
      await until(() => world.tech.heard.slice(heard).some(([tag]) => tag.toString().endsWith("::same")));
      const tasks = [await world.task("example_calculator", sum), await world.task("example_calculator", no)];
      for (const id of tasks) await world.untilAnswer(id);
      const beat = world.tech.heard.filter(([tag]) => tag.toString().endsWith("::same")).at(-1)!;
      const frames = [
        ...tasks.map((id) => world.com.heard.find(([tag]) => tag.includes(`:${id}:same`))!),
        beat,
      ];
      said.push({
        bytes: frames.map(([, body]) => withoutDraws(body)),
        connections: connections(world) - connected,
      });
      await one.end();
    }
    const [theirs, ours, inPython] = said;
    expect(ours.bytes).toEqual(theirs.bytes);
    expect(inPython.bytes).toEqual(theirs.bytes);
    // The original has one more, for errors that it fails to say.
    expect([theirs, ours, inPython].map((one) => one.connections)).toEqual([5, 4, 4]);
  });

  test("what waits behind a killed task is lost with the original, and done by ours", async () => {
    const world = await World.begin(stops, ...ports);
    const { originals } = world;
    const starts = [
      () => originals.example("bank.py", "example_bank-py"),
      () => world.ours("bank", "example_bank"),
    ];
    const results: number[][] = [];
    for (const start of starts) {
      const before = await originals.example("calculator.py", "example_calculator-py");
      await world.untilReady("example_calculator", sum);
      const bank = await start();
      await world.untilReady("example_bank", saving);
      await before.end();
      const running = await world.task("example_bank", saving);
      await until(() => world.hasChild(running));
      const waiting = [await world.task("example_bank", saving), await world.task("example_bank", saving)];
      const calculator = await originals.example("calculator.py", "example_calculator-py");
      await world.untilReady("example_calculator", sum);
      await world.kill(running);
      expect(await world.outcomeOf(running)).toMatchObject({ outcome: "confirmed" });
      await world.untilReady("example_bank", saving);
      results.push(waiting.map((id) => world.answers(id).length));
      await Promise.all([bank.end(), calculator.end()]);
    }
    expect(results).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  test("of a task that cannot be read the original says nothing, and begins anew; ours answers with an error", async () => {
    const world = await World.begin(stops, ...ports);
    const theirs = await world.originals.example("calculator.py", "example_calculator-py");
    await world.untilReady("example_calculator", sum);
    const lost = await world.task("example_calculator", {}, { data: Buffer.from("{no") });
    await theirs.says("User action :: ");
    await world.untilReady("example_calculator", sum);
    expect(world.answers(lost)).toEqual([]);
    await theirs.end();
    await world.ours("calculator", "example_calculator");
    await world.untilReady("example_calculator", sum);
    const told = await world.task("example_calculator", {}, { data: Buffer.from("{no") });
    expect(await world.untilAnswer(told)).toMatchObject([
      ["error", "example_calculator", "example_calculator", { code: 502 }],
    ]);
  });

  test("a kill of what one of ours has finished stops nothing there", async () => {
    const world = await World.begin(stops, ...ports);
    const ours = await world.ours("calculator", "example_calculator");
    await world.untilReady("example_calculator", sum);
    const last = await world.task("example_calculator", sum);
    await world.untilAnswer(last);
    await world.kill(last);
    expect(await world.outcomeOf(last)).toMatchObject({ outcome: "finished before" });
    await world.untilAnswer(await world.task("example_calculator", sum));
    expect(ours.printed).not.toContain("anew");
  });
});

/** Its connections to the hub. */
function connections({ bench: { hub } }: World): number {
  const { comIn, comOut, techIn, techOut } = hub.counts.ports;
  return [comIn, comOut, techIn, techOut].reduce((sum, { accepted }) => sum + accepted, 0);
}

/** A body in hex, without what is drawn or told by the clock, and its JSON without spaces and names. */
function withoutDraws(body: Uint8Array): string {
  const { id, pid, created_at, data, ...fields } = decode(body) as Record<string, unknown> & {
    data: Uint8Array;
  };
  const text = Buffer.from(data)
    .toString()
    .replace(/"(sync_time|name|message)" : [^,}]+/g, "")
    .replaceAll(" ", "");
  const forms = [id, pid, created_at].map((one) => (typeof one === "string" ? one.length : typeof one));
  const keys = Object.keys(decode(body) as object);
  return JSON.stringify({ keys, forms, fields, text, head: Buffer.from(body).toString("hex", 0, 6) });
}

/** Who saved, who calculated for that, and what it came to. */
async function savedBy(world: World): Promise<unknown[]> {
  const saved = await world.task("example_bank", saving);
  await world.untilAnswer(saved);
  const { on, children, result } = world.work.task(saved)!;
  return [on, world.work.task(children[0])!.on, result];
}

const calculatorInPython = `
from bowlinecomp import run

def work(inbox, out, note):
    for m in inbox("example_calculator"):
        first, second = m.data["first"], m.data["second"]
        if m.data["action"] == "%": out(m.error(500, "unknown action %"))
        else: out(m.reply({"answer": first + second if m.data["action"] == "+" else first * second}))

run(work)
`;
const radio = `
import { component } from ${JSON.stringify(`${dist}component.mjs`)};

component("example_radio", async ({ fromHub, toHub }) => {
  for await (const { data } of fromHub.subscribe("data:example_radio")) {
    console.log(data);
    if (data.message === "Hello! It's me.")
      await toHub.send({ type: "data", spec: "example_radio", data: { message: "It is ours." } });
  }
});
`;
