import { afterEach, beforeEach, expect, test } from "vitest";
import { PlainHub } from "./testing/plain-hub.ts";
import { Programs } from "./testing/programs.ts";

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

const own = (text: string, options: { isWorker?: boolean } = {}) => programs.own(hub, text, options);

test("what waits for two subscriptions is given to both when the work begins anew", async () => {
  await own(`component("example_own", async (context) => {
  const all = context.fromHub.subscribe("");
  const work = serve({ example_own: (data, { id }, { status }) => {
    status("at " + id);
    while (data === "forever");
    return data;
  } })(context);
  for await (const { type, id } of all)
    if (type === "config") await context.toHub.send({ type: "data", spec: "example_seen", data: id });
  await work;
});`);
  await hub.subscribed("config:example_own:");
  const endless = hub.say("example_own", "forever");
  await hub.heartbeat("example_own", `at ${endless}`);
  const next = hub.say("example_own", "next");
  hub.kill(endless);
  await hub.answer(endless, "error");
  await hub.answer(next, "result");
  await hub.heard(({ body, data }) => body.spec === "example_seen" && data === `"${next}"`, "the note of it");
});

test("news that nobody takes keep no worker from its tasks", async () => {
  await own(
    `component("example_own", async ({ fromHub, fromController, toHub }) => {
  fromHub.subscribe("data:example_news");
  for await (const task of fromController) await toHub.reply(task, task.data);
});`,
    { isWorker: true },
  );
  await hub.subscribed("data:example_news:");
  await hub.answer(hub.give("example_own", 0), "result");
  for (let i = 0; i < 800; i++) hub.say("example_news", i, { type: "data" });
  for (let i = 1; i < 4; i++) await hub.answer(hub.give("example_own", i), "result");
});

test("a loop over the controller's tasks that was left can be begun again, and what waited meanwhile is in it", async () => {
  await own(
    `component("example_own", async ({ fromController, toHub, pause }) => {
  for (let rounds = 0; ; ) {
    for await (const task of fromController) {
      await toHub.reply(task, task.data);
      break;
    }
    if (++rounds % 2 === 0) await pause(10);
  }
});`,
    { isWorker: true },
  );
  const tasks = [1, 2, 3, 4].map((data) => hub.give("example_own", data));
  for (const id of tasks) await hub.answer(id, "result");
});

test("a task that is answered is over, whatever another one that is killed kept from happening", async () => {
  await own(`component("example_own", serve({ example_own: async (data, { id }, { pause, status }) => {
  if (data === "forever") status("at " + id);
  await pause(300);
  while (data === "forever");
  return data;
} }, { atOnce: 2 }));`);
  await hub.subscribed("config:example_own:");
  const short = hub.say("example_own", "short");
  const endless = hub.say("example_own", "forever");
  await hub.answer(short, "result");
  hub.kill(endless);
  await hub.answer(endless, "error");
  await hub.answer(hub.say("example_own", "last"), "result");
  expect(hub.com.filter(({ body }) => body.pid === short)).toHaveLength(1);
});
