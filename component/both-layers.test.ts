import { afterEach, beforeEach, expect, test } from "vitest";
import { type Ear, HubBench } from "../host/hub/testing/components.ts";
import { framesOf, messageOf, textOf } from "../host/hub/testing/messages.ts";
import { decodeMessage } from "../host/monique/body.ts";
import type { Message } from "../host/monique/message.ts";
import { until } from "../host/platform/testing/until.ts";
import { type ConfigParams, configText } from "./testing/config-text.ts";
import { dist, type Program, Programs } from "./testing/programs.ts";

const programs = new Programs();
let bench: HubBench;
beforeEach(async () => {
  bench = new HubBench();
  await bench.start();
  await programs.open();
});
afterEach(async () => {
  await programs.close();
  await bench.stop();
});

async function start(name: string, file: string, frequency: number): Promise<Program> {
  const { com, tech } = bench.hub.addresses!;
  const config = (params: ConfigParams) =>
    configText({ host: "127.0.0.1", com, tech, controller: 1 }, params);
  return programs.start({ config }, { [name]: { frequency } }, [process.execPath, file]);
}

/** A program of this test's own, as component example_own. */
async function own(text: string, frequency = 50): Promise<Program> {
  const library = `import { component } from ${JSON.stringify(`${dist}component.mjs`)};\n`;
  return start("example_own", await programs.write("own.mjs", library + text), frequency);
}

const messagesOf = ({ heard }: Ear) => heard.map(([, body]) => decodeMessage(body) as Message);
const dataOf = ({ data }: Message) => JSON.parse(Buffer.from(data).toString());
const heartbeatsOf = (tech: Ear) =>
  messagesOf(tech)
    .filter(({ spec }) => spec === "monitoring")
    .map(dataOf);

/** Says messages until one arrives: a component's subscription is made when it has begun. */
async function sayUntil(message: () => Message, hasArrived: () => boolean): Promise<void> {
  const push = await bench.comIn();
  await until(async () => {
    await push.send([...framesOf(message())]);
    return hasArrived();
  });
}

test("A speaks: without a parent, as its creator, for ever, the task example_simple as JSON; prints it, and pauses 2 s", async () => {
  const com = await bench.comOut();
  const speaker = await start("example_speaker", `${dist}examples/speaker.mjs`, 60_000);
  await until(() => com.heard.length >= 2);
  const [first, second] = messagesOf(com);
  expect(first).toMatchObject({
    ...{ pid: "", creator: "creator-of-example_speaker", expires_at: 0, spec: "example_simple" },
    ...{ encoding: "JSON", type: "config" },
  });
  expect(dataOf(first)).toEqual({ message: "Hello! It's a simple speaker." });
  expect(com.tags[0]).toBe(`config:example_simple:${first.id}::creator-of-example_speaker`);
  expect(second.id).not.toBe(first.id);
  // Of two clocks that are read in whole ms.
  expect(second.created_at - first.created_at).toBeGreaterThanOrEqual(1998);
  await speaker.says('sent { message: "Hello! It\'s a simple speaker." }');
});

test("B listens: prints what is of that spec, not what only begins like it, and notes from whom it was", async () => {
  const tech = await bench.techOut();
  const listener = await start("example_listener", `${dist}examples/listener.mjs`, 50);
  const say = (spec: string, text: string, creator: string) =>
    messageOf({ type: "config", spec, creator, data: textOf({ message: text }) });
  await sayUntil(
    () => say("example_simple", "are you there", "0000-first"),
    () => listener.printed.includes("are you there"),
  );
  const push = await bench.comIn();
  for (const one of [
    say("example_simplest", "not this", "0000-no"),
    say("example_simple", "but this", "0000-b"),
  ])
    await push.send([...framesOf(one)]);
  await listener.says("{ message: 'but this' }");
  expect(listener.printed).not.toContain("not this");
  await until(() => heartbeatsOf(tech).at(-1)?.message === "Processed message from 0000-b");
});

test("one component speaks on both layers, in the same form, and nothing of one is heard on the other", async () => {
  const [com, tech] = [await bench.comOut(), await bench.techOut()];
  await own(`component("example_own", async ({ toHub, pause }) => {
  for (;;) { await toHub.send({ type: "data", spec: "example_news", data: 1 }); await pause(5); }
});`);
  await until(() => com.heard.length > 20 && tech.heard.length > 3);
  for (const ear of [com, tech])
    expect(messagesOf(ear).every(({ creator }) => creator === "creator-of-example_own")).toBe(true);
  expect(new Set(messagesOf(com).map(({ spec }) => spec))).toEqual(new Set(["example_news"]));
  expect(new Set(messagesOf(tech).map(({ spec }) => spec))).toEqual(new Set(["monitoring"]));
});

test("a heartbeat leaves through tech when one interval is over and each time again, whatever com does", async () => {
  const tech = await bench.techOut();
  const startedAt = Date.now();
  await own('component("example_own", async ({ status }) => { status("computes"); for (;;); });', 300);
  await until(() => tech.heard.length >= 4);
  const times = heartbeatsOf(tech).map(({ sync_time }) => sync_time as number);
  for (const [i, time] of times.entries()) {
    const before = i === 0 ? startedAt : times[i - 1];
    // A timer may be a ms early, and both ends are read in whole ms.
    expect(time - before).toBeGreaterThanOrEqual(298);
  }
  expect(messagesOf(tech)[0]).toMatchObject({ spec: "monitoring", type: "data", encoding: "JSON", pid: "" });
  expect(heartbeatsOf(tech).at(-1)).toEqual({
    ...{ sync_time: times.at(-1), name: "example_own", is_alive: true, message: "computes" },
  });
});

test("the management sees who is well, and who was killed with -9 at once", async () => {
  const program = await own(
    'component("example_own", async ({ status, pause }) => { status("well"); for (;;) await pause(1000); });',
  );
  const seen = () =>
    bench.hub.components().map(({ name, state, isDown, message }) => ({ name, state, isDown, message }));
  const well = { name: "example_own", state: "alive", isDown: false, message: "well" };
  await until(() => JSON.stringify(seen()) === JSON.stringify([well]));
  await program.end("SIGKILL");
  await until(() => seen()[0].state === "dead");
  expect(bench.hub.history("example_own").map(({ state }) => state)).toEqual(
    expect.arrayContaining(["alive", "gone"]),
  );
  expect(bench.hub.monitoring()).toMatchObject([{ name: "example_own", is_alive: true, message: "well" }]);
});

test("any message that is worked on can be killed, not only a task: the work begins anew", async () => {
  const tech = await bench.techOut();
  await own(`component("example_own", async ({ fromHub, status }) => {
  status("began");
  for await (const { id, data } of fromHub.subscribe("data:example_news")) {
    status("at " + id);
    while (data === "forever");
    status("did " + data);
  }
});`);
  const status = () => heartbeatsOf(tech).at(-1)?.message as string | undefined;
  const news = (data: unknown) => messageOf({ type: "data", spec: "example_news", data: textOf(data) });
  await sayUntil(
    () => news("first"),
    () => status() === "did first",
  );
  const endless = news("forever");
  await (await bench.comIn()).send([...framesOf(endless)]);
  await until(() => status() === `at ${endless.id}`);
  // The hub knows no such task, and tells everybody all the same.
  const kill = await bench.hub.kill(endless.id, { by: { via: "local", who: "test" } });
  expect(kill.outcome).toBe("unknown");
  await sayUntil(
    () => news("next"),
    () => status() === "did next",
  );
});

test("who asks hears that its task was killed, though no component ever had it", async () => {
  const tech = await bench.techOut();
  await own(`component("example_own", async ({ ask, status, pause }) => {
  await ask("example_nobody", 1, { timeoutMs: 600_000 }).catch((error) => status(error.code + ": " + error.message));
  for (;;) await pause(1000);
});`);
  await until(() => bench.hub.tasks().length === 1);
  const [{ id, spec, creator }] = bench.hub.tasks();
  expect([spec, creator]).toEqual(["example_nobody", "creator-of-example_own"]);
  await bench.hub.kill(id, { by: { via: "local", who: "test" } });
  await until(() => heartbeatsOf(tech).at(-1)?.message === "301: task killed");
});
