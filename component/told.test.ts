/** What a component in TypeScript tells its author: of the hub, of its work, and how it is started. */
import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../host/platform/testing/until.ts";
import { PlainHub } from "./testing/plain-hub.ts";
import { dist, Programs } from "./testing/programs.ts";

let hub: PlainHub;
const programs = new Programs();

beforeEach(async () => {
  hub = new PlainHub();
  await hub.start();
  await programs.open();
});

afterEach(async () => {
  await programs.close();
  hub.stop();
});

const own = (text: string) => programs.own(hub, text);

test("one line tells that the hub is there, is away, and is there again", async () => {
  const program = await own('component("example_own", ({ pause }) => pause(1e9));');
  await program.says(" : example_own] the hub is there\n");
  hub.stop();
  await program.says(" : example_own] the hub is away: ");
  const before = hub;
  hub = new PlainHub();
  await hub.start(before);
  const lines = () => [...program.printed.matchAll(/the hub is .*/g)].map(([line]) => line);
  await until(() => expect(lines()).toHaveLength(3));
  expect([lines()[0], lines()[2]]).toEqual(["the hub is there", "the hub is there"]);
  expect(lines()[1]).toMatch(/away: scheduler-(in|out)(, technical)? 127\.0\.0\.1:\d+: \S/);
});

test("what a handler throws is told with its place; an answer that is an error, and what was killed, are not", async () => {
  const program =
    await own(`component("example_own", serve({ example_own: async (data, task, { status, pause }) => {
  if (data === "answer") throw new TaskError(502, "not so");
  if (data === "wait") { status("at " + task.id); await pause(60_000, task.signal); }
  throw new RangeError("thrown here");
} }));`);
  await hub.subscribed("config:example_own:");
  await hub.answer(hub.say("example_own", "answer"), "error");
  const waits = hub.say("example_own", "wait");
  await hub.heartbeat("example_own", `at ${waits}`);
  hub.kill(waits);
  await hub.answer(waits, "error");
  const thrown = hub.say("example_own", "throw");
  await hub.answer(thrown, "error");
  await program.says(`task ${thrown} of example_own: RangeError: thrown here\n    at `);
  expect(program.printed.match(/^task /gm)).toHaveLength(1);
});

test("a worker without a port is told in one line a time", async () => {
  const program = await own(
    'component("example_own", async ({ fromController }) => { for await (const _ of fromController); });',
  );
  const why = "fromController: no params.example_own.port in the configuration";
  await program.says(`the work has failed: RangeError: ${why}; it begins anew in `);
  await until(() => expect(program.printed.match(/begins anew/g)!.length).toBeGreaterThan(1));
  expect(program.printed).not.toContain("    at ");
});

test("work that is killed begins anew with no status", async () => {
  await own(`component("example_own", serve({ example_own: (data, { id }, { status }) => {
  status("at " + id);
  for (;;);
} }));`);
  await hub.subscribed("config:example_own:");
  const id = hub.say("example_own", 1);
  await hub.heartbeat("example_own", `at ${id}`);
  hub.kill(id);
  await hub.answer(id, "error");
  const since = Date.now();
  const isLater = ({ data }: { data: string }) => JSON.parse(data).sync_time > since;
  expect(JSON.parse((await hub.heard(isLater, "a later heartbeat", hub.tech)).data).message).toBe("");
});

test.each(["--help", "-h"])("%s says how it is started", (option) => {
  const args = [`${dist}examples/listener.mjs`, option];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect([status, stdout]).toEqual([
    0,
    "usage: node listener.mjs [-f FILE]\n\n  -f, --config-file FILE  its configuration; config.json when absent\n",
  ]);
});
