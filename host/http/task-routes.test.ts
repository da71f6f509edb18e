import { beforeEach, expect, test } from "vitest";
import { reusedId } from "../hub/submission.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { until } from "../platform/testing/until.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { type FakeWork, killView, taskView } from "./testing/fake-work.ts";
import { read, ServerUnderTest } from "./testing/server-under-test.ts";

const stops = stopAfterEach();
let work: FakeWork;
let http: ServerUnderTest;

beforeEach(async () => {
  const gateway = new FakeGateway();
  work = gateway.work;
  http = await new ServerUnderTest(gateway).start();
  stops.push(() => http.stop());
});

const ID = "EbQ5cBYATSUuKnjgOPpnzIZkSmj4h45cCmhMrwot";
const control = { via: "http", who: "control at 127.0.0.1" };
const asReader = { headers: { authorization: `Bearer ${read}` } };

test("tasks and kills are listed as they are asked for", async () => {
  work.taskViews = [taskView()];
  work.killViews = [killView(), killView({ at: 1 })];
  expect(await http.get("/api/v1/tasks")).toEqual([200, { tasks: work.taskViews }]);
  await http.get("/api/v1/tasks?state=killed&spec=example_clock&limit=7");
  expect(work.asked).toEqual([
    ["tasks", { limit: 100 }],
    ["tasks", { limit: 7, state: "killed", spec: "example_clock" }],
  ]);
  expect(await http.get("/api/v1/kills?limit=1")).toEqual([200, { kills: [killView()] }]);
});

test.each([
  ["tasks?state=done", /^reading state: "done"; allowed: queued, delivered, running, result, error/],
  ["tasks?limit=0", /^reading limit: "0"; allowed: a whole number from 1 to 10000$/],
  ["kills?limit=x", /^reading limit: "x"; allowed/],
])("GET %s is refused with what is allowed", async (path, message) => {
  const [status, { error }] = await http.get(`/api/v1/${path}`);
  expect([status, error.code]).toEqual([400, "QUERY_INVALID"]);
  expect(error.message).toMatch(message);
});

test("one task is found by its id, an unknown one is told as such", async () => {
  work.taskViews = [taskView()];
  expect(await http.get(`/api/v1/tasks/${ID}`)).toEqual([200, taskView()]);
  const [status, { error }] = await http.get("/api/v1/tasks/17");
  expect([status, error.code]).toEqual([404, "TASK_UNKNOWN"]);
});

test("POST hands a task over, and answers 202 with it", async () => {
  const task = { spec: "example_clock", data: { a: [1] }, encoding: "MessagePack", expiresInMs: 5 };
  expect(await http.post("/api/v1/tasks", task)).toEqual([202, taskView({ id: "task-1", spec: task.spec })]);
  await http.post("/api/v1/tasks", { spec: "example_clock", type: "data", id: ID, pid: ID });
  expect(work.asked).toEqual([
    ["submit", task, control],
    ["submit", { spec: "example_clock", data: {}, type: "data", id: ID, pid: ID }, control],
  ]);
});

test("a megabyte is taken for a task, and not more", async () => {
  const data = { text: "x".repeat(1_000_000) };
  expect((await http.post("/api/v1/tasks", { spec: "a_b", data }))[0]).toBe(202);
  const [status, { error }] = await http.post("/api/v1/tasks", {
    spec: "a_b",
    data: { ...data, more: data },
  });
  expect([status, error.code]).toEqual([413, "BODY_TOO_LARGE"]);
});

test("POST ?wait=1 answers with the end of the task", async () => {
  const answer = http.post("/api/v1/tasks?wait=1", { spec: "example_clock", id: ID });
  await until(() => work.task(ID) !== undefined);
  work.change(ID, { state: "result", result: { time: 7 } });
  const ended = taskView({ spec: "example_clock", state: "result", result: { time: 7 } });
  expect(await answer).toEqual([200, ended]);
});

test("a task that has not ended in its time goes on, and its id is told", async () => {
  const [status, { error }] = await http.post("/api/v1/tasks?wait=1&timeout=0.001", { spec: "a_b", id: ID });
  expect([status, error.code, error.task]).toEqual([504, "TASK_PENDING", ID]);
  expect(error.message).toBe(
    "running a_b: no answer within 0.001 s; the task goes on, and nobody has said that it is theirs yet",
  );
  expect(error.mend).toBe(`bowline tasks ${ID}`);
});

test("of a task that has not ended in its time it is told who has it", async () => {
  work.taskViews = [taskView({ id: ID, state: "running", on: "sim-1" })];
  const [, { error }] = await http.post("/api/v1/tasks?wait=1&timeout=0.001", { spec: "a_b", id: ID });
  expect(error.message).toMatch(/; the task goes on, running on sim-1$/);
});

test.each([
  [0, "nobody listens for it"],
  [1, "1 connection heard it; nobody has answered yet"],
  [3, "3 connections heard it; nobody has answered yet"],
])("of one that %i connections heard and nobody has answered that is told", async (listeners, words) => {
  work.taskViews = [taskView({ id: ID, state: "queued", listeners })];
  const [, { error }] = await http.post("/api/v1/tasks?wait=1&timeout=0.001", { spec: "a_b", id: ID });
  expect(error.message).toBe(`running a_b: no answer within 0.001 s; the task goes on, and ${words}`);
});

test("an id that another task had is a conflict", async () => {
  work.submit = () => Promise.reject(reusedId(ID));
  const [status, { error }] = await http.post("/api/v1/tasks", { spec: "a_b", id: ID });
  expect([status, error.code]).toEqual([409, "TASK_ID_REUSED"]);
});

test("a task outlives who waits for it when the gateway stops", async () => {
  const answer = http.post("/api/v1/tasks?wait=1", { spec: "a_b", id: ID });
  await until(() => work.task(ID) !== undefined);
  await http.stop();
  const [status, { error }] = await answer;
  expect([status, error.code, error.task]).toEqual([503, "GATEWAY_STOPPING", ID]);
});

test.each([
  [{}, "spec, the name of what is to be done, is missing"],
  [{ spec: 3 }, "spec, the name of what is to be done, is missing"],
  [{ spec: "a_b", id: 3 }, "id is no text"],
  [{ spec: "a_b", encoding: "json" }, "encoding is none of JSON, MessagePack"],
  [{ spec: "a_b", type: "task" }, "type is none of config, result, error, data"],
  [{ spec: "a_b", expiresInMs: 0 }, "expiresInMs is no number above 0"],
])("POST %j is refused", async (body, seen) => {
  const [status, { error }] = await http.post("/api/v1/tasks", body);
  expect([status, error.code]).toEqual([400, "REQUEST_INVALID"]);
  expect(error.message).toBe(`reading the task: ${seen}; allowed: {"spec":"example_clock","data":{…}}`);
  expect(work.asked).toEqual([]);
});

test("a field that nobody reads is refused, and what the hub refuses is told", async () => {
  expect((await http.post("/api/v1/tasks", { spec: "a_b", dat: 1 }))[1].error.code).toBe("FIELD_UNKNOWN");
  work.submit = () => Promise.reject(new BowlineError("QUEUE_FULL", "what and why", ExitCode.busy));
  const [status, { error }] = await http.post("/api/v1/tasks", { spec: "a_b" });
  expect([status, error.code]).toEqual([503, "QUEUE_FULL"]);
});

test("DELETE kills, with children when they are meant, and answers with what became of it", async () => {
  expect(await http.delete(`/api/v1/tasks/${ID}`)).toEqual([200, killView()]);
  await http.delete(`/api/v1/tasks/${ID}?children=1`);
  expect(work.asked).toEqual([
    ["kill", ID, { by: control, children: false }],
    ["kill", ID, { by: control, children: true }],
  ]);
});

test("an id that is none is refused with why, in the words of the audit", async () => {
  work.killed = { outcome: "refused", why: "an id has 40 letters and digits", how: "" };
  const [status, { error }] = await http.delete("/api/v1/tasks/null");
  expect([status, error.code]).toEqual([400, "BAD_TASK_ID"]);
  expect(error.message).toBe('killing task "null": an id has 40 letters and digits');
  expect(error.kill).toMatchObject({ task: "null", outcome: "refused" });
});

test("who may only read does not kill, and that it was tried is audited", async () => {
  const [status, { error }] = await http.get(`/api/v1/tasks/${ID}`, { method: "DELETE", ...asReader });
  expect([status, error.code]).toEqual([403, "ROLE_READ"]);
  const by = { via: "http", who: "read at 127.0.0.1" };
  expect(work.asked).toEqual([["refuseKill", ID, by, error.message]]);
});

test("who shows no token, or comes from another page, does not kill either", async () => {
  const path = `/api/v1/tasks/${ID}`;
  expect((await http.get(path, { method: "DELETE", headers: {} }))[0]).toBe(401);
  const headers = { authorization: "Bearer control-token-0123456789", origin: "http://evil.example" };
  expect((await http.get(path, { method: "DELETE", headers }))[0]).toBe(403);
  expect(work.asked.map(([what, , by]) => [what, by])).toEqual([
    ["refuseKill", { via: "http", who: "nobody at 127.0.0.1" }],
    ["refuseKill", { via: "http", who: "control at 127.0.0.1" }],
  ]);
});

test("a task that changed is an event", async () => {
  work.taskViews = [taskView()];
  const reader = await http.events("/api/v1/events");
  await reader.next();
  work.change(ID, { state: "running", on: "sim-1" });
  expect(await reader.next()).toEqual({ event: "task", data: taskView({ state: "running", on: "sim-1" }) });
  reader.close();
});
