import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeGateway } from "../http/testing/fake-gateway.ts";
import { type FakeWork, killView, taskView } from "../http/testing/fake-work.ts";
import { control, read, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { VerbRunner } from "./testing/run-verb.ts";

const ID = "EbQ5cBYATSUuKnjgOPpnzIZkSmj4h45cCmhMrwot";
let work: FakeWork;
let server: ServerUnderTest;
let verbs: VerbRunner;

beforeEach(async () => {
  const gateway = new FakeGateway();
  work = gateway.work;
  server = await new ServerUnderTest(gateway).start();
  verbs = new VerbRunner(`${server.base}/?token=${control}`);
});
afterEach(() => server.stop());

test("a task that stopped is said to have, and how that is known", async () => {
  expect(await verbs.run("kill", ID)).toEqual({
    code: 0,
    out: [`${ID} (example_calculator): killed, withdrawn from the queue, within 3 ms`],
    err: [],
  });
  const by = { via: "http", who: "control at 127.0.0.1" };
  expect(work.asked).toEqual([["kill", ID, { by, children: false }]]);
});

test.each([
  [
    { outcome: "unconfirmed", ms: 10_000, how: "" } as const,
    6,
    `${ID} (example_calculator): told to stop, and within 10 s nothing has shown that it did [KILL_UNCONFIRMED]`,
  ],
  [
    { outcome: "unknown", spec: "" } as const,
    3,
    `${ID}: no such task is known here; that it is to stop was told to every component all the same [TASK_UNKNOWN]`,
  ],
  [
    { outcome: "finished before" } as const,
    3,
    `${ID} (example_calculator): it had ended before it could be stopped [TASK_ENDED]`,
  ],
])("%j ends with %i, and the truth", async (killed, exitCode, words) => {
  work.killed = killed;
  const { code, out, err } = await verbs.run("kill", ID);
  expect([code, out, err[0].split("\n")[0]]).toEqual([exitCode, [], `bowline: killing ${words}`]);
});

test("of a task that had ended before it is told with what", async () => {
  work.killed = { outcome: "finished before" };
  const at = new Date(2026, 10, 22, 9, 3, 7).getTime();
  work.taskViews = [taskView({ id: ID, at, state: "result", result: { answer: 54 } })];
  const { code, err } = await verbs.run("kill", ID);
  expect(code).toBe(3);
  expect(err[0]).toContain(
    'it had ended before it could be stopped, at 2026-11-22 09:03:07: result {"answer":54}',
  );
});

test("of a task that was killed before, nothing but that is told", async () => {
  work.killed = { outcome: "finished before" };
  work.taskViews = [taskView({ id: ID, state: "killed", error: { code: 301, message: "task killed" } })];
  const { err } = await verbs.run("kill", ID);
  expect(err[0]).toMatch(
    /it had ended before it could be stopped, at [-\d]{10} [\d:]{8}: killed \[TASK_ENDED\]/,
  );
});

test.each(["", "null", "restart_communicational", "../kills", "%00"])(
  "the id %j is refused as the gateway refuses it, with 2",
  async (id) => {
    work.killed = { outcome: "refused", why: "an id has 40 letters and digits" };
    const { code, out, err } = await verbs.run("kill", id);
    expect([code, out, err[0]]).toEqual([2, [], expect.stringContaining("[BAD_TASK_ID]")]);
    const done = work.asked.filter(([what]) => what !== "tasks");
    expect(done.map(([what, seen]) => [what, seen])).toEqual([["kill", id]]);
  },
);

test("the beginning of an id that no other has is enough, and what was killed is told in full", async () => {
  work.taskViews = [taskView({ id: ID }), taskView({ id: `EbQ9${"x".repeat(36)}` })];
  const { code, out } = await verbs.run("kill", "EbQ5");
  expect([code, out]).toEqual([
    0,
    [`${ID} (example_calculator): killed, withdrawn from the queue, within 3 ms`],
  ]);
  expect(work.asked.at(-1)?.slice(0, 2)).toEqual(["kill", ID]);
});

test("when several begin so they are named, and none is killed; so short a beginning is none", async () => {
  const other = `EbQ5${"x".repeat(36)}`;
  work.taskViews = [taskView({ id: ID }), taskView({ id: other })];
  const { code, err } = await verbs.run("kill", "EbQ5");
  expect([code, err[0]]).toEqual([2, expect.stringContaining(`several begin so: ${ID}, ${other}; `)]);
  expect(err[0]).toContain("[TASK_AMBIGUOUS]");
  expect(work.asked.filter(([what]) => what === "kill")).toEqual([]);
  work.killed = { outcome: "refused", why: "an id has 40 letters and digits" };
  expect((await verbs.run("kill", "EbQ")).code).toBe(2);
  expect(work.asked.at(-1)?.slice(0, 2)).toEqual(["kill", "EbQ"]);
});

test("what is a task by itself is no beginning of another one", async () => {
  work.taskViews = [taskView({ id: "order" }), taskView({ id: "order-2" }), taskView({ id: `12345${ID}` })];
  await verbs.run("kill", "order");
  await verbs.run("kill", "12345");
  expect(work.asked.filter(([what]) => what === "kill").map(([, id]) => id)).toEqual(["order", "12345"]);
});

test("with --children each is told of, and one that did not stop is not passed over", async () => {
  const child = killView({ task: "child", outcome: "unconfirmed", ms: 10_000, how: "" });
  work.killed = { children: [killView({ task: "other", outcome: "finished before" }), child] };
  const { code, out, err } = await verbs.run("kill", ID, "--children");
  expect(out).toEqual([
    `${ID} (example_calculator): killed, withdrawn from the queue, within 3 ms`,
    "other (example_calculator): it had ended before it could be stopped",
    "child (example_calculator): told to stop, and within 10 s nothing has shown that it did",
  ]);
  expect([code, err[0]]).toEqual([6, expect.stringContaining("killing child")]);
  expect(work.asked[0]).toEqual(["kill", ID, { by: expect.anything(), children: true }]);
});

test("--json prints what became of it, whatever that is", async () => {
  work.killed = { outcome: "unknown", how: "" };
  const { code, out } = await verbs.run("kill", ID, "--json");
  expect([code, out.map((line) => JSON.parse(line))]).toEqual([3, [killView({ ...work.killed, task: ID })]]);
});

test("a token of role read kills nothing", async () => {
  const reader = new VerbRunner(`${server.base}/?token=${read}`);
  const { code, err } = await reader.run("kill", ID);
  expect([code, err[0]]).toEqual([4, expect.stringContaining("[ROLE_READ]")]);
  expect(work.asked.map(([what]) => what)).toEqual(["refuseKill"]);
});
