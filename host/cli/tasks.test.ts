import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeGateway } from "../http/testing/fake-gateway.ts";
import { type FakeWork, killView, taskView } from "../http/testing/fake-work.ts";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { VerbRunner } from "./testing/run-verb.ts";

let work: FakeWork;
let server: ServerUnderTest;
let verbs: VerbRunner;

const at = new Date(2026, 10, 22, 9, 3, 7).getTime();

beforeEach(async () => {
  const gateway = new FakeGateway();
  work = gateway.work;
  server = await new ServerUnderTest(gateway).start();
  verbs = new VerbRunner(`${server.base}/?token=${control}`);
  vi.spyOn(Date, "now").mockReturnValue(at + 40_000);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await server.stop();
});

test("tasks prints a table with children below their parents, and what each came to", async () => {
  work.taskViews = [
    taskView({
      id: "C".repeat(40),
      parent: "A".repeat(40),
      at,
      state: "delivered",
      isSilent: true,
      on: "clock-1",
    }),
    taskView({
      id: "17",
      spec: "l:led",
      at,
      creator: "",
      state: "error",
      error: { code: 501, message: "no\nled" },
    }),
    taskView({ id: "A".repeat(40), at, state: "result", on: "calc", result: { answer: 54 } }),
  ];
  const { code, out, err } = await verbs.run("tasks");
  expect([code, err]).toEqual([0, []]);
  expect(out).toEqual([
    "task                                        spec                state              for   on       asked by         end",
    "17                                          l:led               error              40 s  -        -                501 no\\u000aled",
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA    example_calculator  result             40 s  calc     0000-jobcontrol  {"answer":54}',
    "└ CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC  example_calculator  delivered, silent  40 s  clock-1  0000-jobcontrol  -",
  ]);
});

test("tasks asks for what is wanted, and says when there may be more", async () => {
  work.taskViews = [taskView(), taskView({ id: "2" })];
  const { err } = await verbs.run("tasks", "--state", "killed", "--spec", "example_clock", "--limit", "1");
  expect(err).toEqual(["the newest 1: --limit tells more"]);
  expect(work.asked).toEqual([["tasks", { limit: 1, state: "killed", spec: "example_clock" }]]);
  const { code, err: refused } = await verbs.run("tasks", "--state", "done");
  expect([code, refused[0]]).toEqual([2, expect.stringContaining("allowed: queued, delivered, running")]);
});

test("those that are silent can be asked for", async () => {
  await verbs.run("tasks", "--state", "silent");
  expect(work.asked).toEqual([["tasks", { limit: 100, state: "silent" }]]);
});

test("tasks takes how an id begins", async () => {
  work.taskViews = [taskView({ id: "A".repeat(40) }), taskView({ id: `AB${"A".repeat(38)}` })];
  expect((await verbs.run("tasks", "ABAA")).out[0]).toBe(`task      AB${"A".repeat(38)}`);
  expect((await verbs.run("tasks", "AAAA")).out[0]).toBe(`task      ${"A".repeat(40)}`);
  expect((await verbs.run("tasks", "ACAA")).err[0]).toContain("[TASK_UNKNOWN]");
});

test("nothing to list is said, whether there is nothing or nothing of that kind", async () => {
  expect((await verbs.run("tasks")).err).toEqual(["nothing was asked for yet"]);
  expect((await verbs.run("tasks", "--state", "killed")).err).toEqual(["there is no such task"]);
  expect((await verbs.run("tasks", "kills")).err).toEqual(["nobody has killed a task"]);
});

test("tasks ID prints one task in detail", async () => {
  work.taskViews = [
    taskView({
      ...{ id: "17", at, parent: "16", children: ["18", "19"], state: "error", on: "clock-1", deliveries: 2 },
      ...{ createdAt: 0, expiresAt: at + 100_000, error: { code: 500, message: "unknown action %" } },
    }),
  ];
  expect(await verbs.run("tasks", "17")).toEqual({
    code: 0,
    err: [],
    out: [
      "task      17",
      "spec      example_calculator",
      "state     error on clock-1, for 40 s",
      "asked by  0000-jobcontrol",
      "expires   in 60 s",
      "parent    16",
      "children  18, 19",
      "given     2 times: it was with a worker that went",
      "error     500 unknown action %",
    ],
  });
  const { code, err } = await verbs.run("tasks", "18");
  expect([code, err[0]]).toEqual([3, expect.stringContaining("[TASK_UNKNOWN]")]);
});

test("tasks ID tells of one that waits who heard it, and that it was to be stopped", async () => {
  const lines = async (fields: object) => {
    work.taskViews = [taskView({ id: "17", at, state: "queued", ...fields })];
    return (await verbs.run("tasks", "17")).out.filter((line) => /^(heard|kill)/.test(line));
  };
  expect(await lines({ listeners: 0 })).toEqual(["heard by  nobody: nobody listened for it"]);
  expect(await lines({ listeners: 3, kill: "pending" })).toEqual([
    "heard by  3 connections",
    "kill      asked for; whether it stops is not known yet",
  ]);
  expect(await lines({ listeners: 1, kill: "unconfirmed" })).toEqual([
    "heard by  1 connection",
    "kill      asked for, and nothing showed that it stopped",
  ]);
  expect(await lines({ state: "result", listeners: 3 })).toEqual([]);
});

test.each([".", ".."])("the task %s cannot be, and is refused before it names another path", async (id) => {
  for (const args of [
    ["tasks", id],
    ["kill", id],
  ]) {
    const { code, err } = await verbs.run(...args);
    expect([code, err[0]]).toEqual([2, expect.stringContaining("[BAD_TASK_ID]")]);
  }
});

test("kills prints the audit, the refused ones as well", async () => {
  work.killViews = [
    killView({ at }),
    killView({
      ...{
        at,
        task: "",
        spec: "",
        outcome: "refused",
        how: "",
        why: "an id has 40 letters and digits",
        ms: 0,
      },
      by: { via: "tech", who: "0000-jobcontrol" },
    }),
  ];
  const { code, out } = await verbs.run("tasks", "kills");
  expect(code).toBe(0);
  expect(out).toEqual([
    "when                 task                                      spec                outcome    how or why                       ms  by",
    "2026-11-22 09:03:07  EbQ5cBYATSUuKnjgOPpnzIZkSmj4h45cCmhMrwot  example_calculator  confirmed  withdrawn from the queue          3  http: control at 127.0.0.1",
    '2026-11-22 09:03:07  ""                                        -                   refused    an id has 40 letters and digits   0  tech: 0000-jobcontrol',
  ]);
});

test("--json prints one object a line", async () => {
  work.taskViews = [taskView(), taskView({ id: "17" })];
  work.killViews = [killView()];
  const objects = async (...args: string[]) => (await verbs.run(...args)).out.map((line) => JSON.parse(line));
  expect(await objects("tasks", "--json")).toEqual(work.taskViews);
  expect(await objects("tasks", "17", "--json")).toEqual([work.taskViews[1]]);
  expect(await objects("tasks", "kills", "--json")).toEqual(work.killViews);
  expect(await objects("tasks", "--json", "kills")).toEqual(work.killViews);
});
