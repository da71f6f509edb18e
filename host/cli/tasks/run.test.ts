import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeGateway } from "../../http/testing/fake-gateway.ts";
import { type FakeWork, killView } from "../../http/testing/fake-work.ts";
import { control, ServerUnderTest } from "../../http/testing/server-under-test.ts";
import type { NewTask, TaskView } from "../../http/work-api.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { until } from "../../platform/testing/until.ts";
import { VerbRunner } from "../testing/run-verb.ts";

let gateway: FakeGateway;
let work: FakeWork;
let server: ServerUnderTest;
let verbs: VerbRunner;

beforeEach(async () => {
  gateway = new FakeGateway();
  work = gateway.work;
  server = await new ServerUnderTest(gateway).start();
  verbs = new VerbRunner(`${server.base}/?token=${control}`);
});
afterEach(() => server.stop());

/** What the gateway was given to do. */
const given = () => work.asked.filter(([what]) => what === "submit").map(([, task]) => task as NewTask);

/** Runs the verb, and lets its task come to this once it is waited for. */
async function runTo(end: Partial<TaskView>, ...args: string[]) {
  const run = verbs.run("tasks", "run", "example_calculator", ...args);
  await until(() => work.isWaitedFor(given()[0]?.id ?? ""));
  work.change(given()[0].id ?? "", end);
  return run;
}

test("the result is printed as one line of JSON", async () => {
  const args = ['{"first":12}', "--expires", "5m", "--encoding", "messagepack", "--parent", "P".repeat(40)];
  expect(await runTo({ state: "result", result: { answer: 54 } }, ...args)).toEqual({
    code: 0,
    out: ['{"answer":54}'],
    err: [],
  });
  expect(given()).toEqual([
    {
      ...{ spec: "example_calculator", data: { first: 12 }, encoding: "MessagePack" },
      ...{ expiresInMs: 300_000, pid: "P".repeat(40), id: expect.stringMatching(/^[A-Za-z0-9]{40}$/) },
    },
  ]);
});

test("any JSON may be what a task is done with, and none is an empty object", async () => {
  for (const [args, data] of [
    [["[1]"], [1]],
    [["7"], 7],
    [[], {}],
  ] as const) {
    work.asked.length = 0;
    const { out } = await verbs.run("tasks", "run", "a_b", ...args, "--no-wait");
    expect(given()).toEqual([{ spec: "a_b", data, encoding: "JSON", id: out[0] }]);
  }
});

test.each([
  [
    { state: "error", on: "calc", error: { code: 500, message: "unknown action %" } } as const,
    ...[8, ['{"code":500,"message":"unknown action %"}']],
    "running example_calculator: calc answered with the error 500 unknown action % [TASK_FAILED]",
  ],
  [
    { state: "killed", error: { code: 301, message: "task killed" } } as const,
    ...[1, []],
    "running example_calculator: it was killed; bowline tasks kills tells by whom [TASK_KILLED]",
  ],
  [{ state: "expired" } as const, 6, [], "running example_calculator: it expired [TASK_EXPIRED]"],
] as const)("a task that comes to %j ends with %i", async (end, exitCode, printed, words) => {
  const { code, out, err } = await runTo(end);
  expect([code, out, err[0].split("\n")[0]]).toEqual([exitCode, printed, `bowline: ${words}`]);
});

test("--json prints the whole task, whatever it came to", async () => {
  const { code, out } = await runTo({ state: "error", error: { code: 1, message: "no" } }, "--json");
  expect([code, JSON.parse(out[0])]).toEqual([8, work.task(given()[0].id ?? "")]);
});

test("a result that nobody can read is no result, and no fault of the task", async () => {
  const { code, out, err } = await runTo({ state: "result" });
  expect([code, out, err]).toEqual([0, [], ["run: it is done; what was answered could not be read"]]);
});

test("a task that has not ended in time goes on, and its id is told", async () => {
  const { code, err } = await verbs.run("tasks", "run", "a_b", "--timeout", "1ms");
  expect([code, err[0]]).toEqual([6, expect.stringContaining("[TASK_PENDING]")]);
  expect(err[0]).toContain(`mend: npx bowline tasks ${given()[0].id}`);
});

test("a gateway that is restarted meanwhile is given the same task again", async () => {
  const run = verbs.run("tasks", "run", "a_b");
  await until(() => work.isWaitedFor(given()[0]?.id ?? ""));
  await server.stop();
  server = await new ServerUnderTest(gateway, { port: server.port }).start();
  await until(() => given().length === 2);
  await until(() => work.isWaitedFor(given()[1].id ?? ""));
  work.change(given()[1].id ?? "", { state: "result", result: 7 });
  const { code, out, err } = await run;
  expect([code, out]).toEqual([0, ["7"]]);
  expect(err).toEqual([expect.stringMatching(/^run: .*; asking again until it is back$/)]);
  expect(given()[1]).toEqual(given()[0]);
});

test("Ctrl-C kills the task, tells whether it stopped, and ends with 130", async () => {
  const run = verbs.run("tasks", "run", "a_b");
  await until(() => work.isWaitedFor(given()[0]?.id ?? ""));
  verbs.terminal.interrupt();
  const id = given()[0].id ?? "";
  expect(await run).toEqual({
    code: 130,
    out: [],
    err: [`run: ${id} (example_calculator): killed, withdrawn from the queue, within 3 ms`],
  });
  expect(work.asked.slice(-1)).toEqual([["kill", id, { by: killView().by, children: false }]]);
  const { progressed } = verbs.terminal;
  expect(progressed[progressed.length - 1]).toContain("Ctrl-C leaves now");
});

test("Ctrl-C while the gateway is gone does not claim that the task was killed", async () => {
  const run = verbs.run("tasks", "run", "a_b");
  await until(() => work.isWaitedFor(given()[0]?.id ?? ""));
  await server.stop();
  verbs.terminal.interrupt();
  const { code, err } = await run;
  expect([code, err[err.length - 1]]).toEqual([
    130,
    expect.stringMatching(/^run: the gateway could not be told to kill \w{40}: it may go on; bowline kill/),
  ]);
});

test.each([
  [['{"on":tru}'], 'reading JSON: unexpected "t" at position 7; allowed: JSON, as'],
  [["--timeout", "2h"], "allowed: up to 1h"],
  [["--encoding", "xml"], 'reading --encoding: "xml"; allowed: JSON, MessagePack'],
  [["--expires", "soon"], 'reading --expires: "soon"'],
])("%j is a usage error", async (args, text) => {
  const { code, err } = await verbs.run("tasks", "run", "a_b", ...args);
  expect([code, err[0], given()]).toEqual([2, expect.stringContaining(text), []]);
});

test("what the hub refuses is told", async () => {
  work.submit = () => Promise.reject(new BowlineError("QUEUE_FULL", "what and why", ExitCode.busy));
  const { code, err } = await verbs.run("tasks", "run", "a_b");
  expect([code, err[0]]).toEqual([5, expect.stringContaining("[QUEUE_FULL]")]);
});
