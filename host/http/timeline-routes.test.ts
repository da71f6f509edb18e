/** What happened and what is wrong, as the API tells it. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Problem } from "../problems/problem.ts";
import { FakeGateway } from "./testing/fake-gateway.ts";
import { read, ServerUnderTest } from "./testing/server-under-test.ts";

const away: Problem = {
  ...{ code: "BOARD_AWAY", level: "warning", subject: { kind: "board", name: "sim-1" } },
  ...{ what: "is away", since: 1_795_301_705_000, mend: "plug it in" },
};

let gateway: FakeGateway;
let http: ServerUnderTest;

beforeEach(async () => {
  gateway = new FakeGateway();
  http = await new ServerUnderTest(gateway).start();
});
afterEach(() => http.stop());

test("the timeline is told to whoever may read, the newest first", async () => {
  const first = gateway.timeline.happen({ kind: "up", at: 10 });
  const second = gateway.timeline.happen({ kind: "down", at: 20 });
  const headers = { authorization: `Bearer ${read}` };
  expect(await http.get("/api/v1/timeline", { headers })).toEqual([
    200,
    { happenings: [second, first], before: [], gaveUpBefore: 0 },
  ]);
});

test("time, subject and number are what is asked for", async () => {
  await http.get("/api/v1/timeline?from=5&to=9&limit=7&subject=gateway:gw2:a");
  await http.get("/api/v1/timeline?subject=store");
  expect(gateway.timeline.asked).toEqual([
    { from: 5, to: 9, limit: 7, subject: { kind: "gateway", name: "gw2:a" } },
    { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 500, subject: { kind: "store", name: "" } },
  ]);
});

test.each(["limit=0", "limit=5001", "from=x", "subject=dog:rex", "until=9"])(
  "%s is refused",
  async (query) => {
    const [status, { error }] = await http.get(`/api/v1/timeline?${query}`);
    expect([status, error.code]).toEqual([400, expect.stringMatching(/^QUERY_(INVALID|UNKNOWN)$/)]);
  },
);

test("problems are told whole, and counted in the status", async () => {
  gateway.problems.become(away, { ...away, code: "STORE_FAULT", level: "critical" });
  const [status, body] = await http.get("/api/v1/problems");
  expect([status, body.state, body.problems[0]]).toEqual([200, "critical", away]);
  const [, { problems }] = await http.get("/api/v1/status");
  expect(problems).toEqual({ warning: 1, critical: 1 });
});

test("what happens and what is wrong are events; what happened before is not", async () => {
  gateway.timeline.happen({ kind: "up" });
  const events = await http.events("/api/v1/events");
  await events.take(1, "gateway");
  const happening = gateway.timeline.happen({ kind: "down" });
  expect(await events.take(1, "happening")).toMatchObject([{ data: happening }]);
  gateway.problems.become(away);
  expect(await events.take(1, "problems")).toMatchObject([{ data: { state: "warning", problems: [away] } }]);
  events.close();
});

test("problems are looked at more often while somebody follows the events", async () => {
  const events = await http.events("/api/v1/events");
  await events.take(1, "gateway");
  expect(gateway.problems.attending).toBe(1);
  events.close();
  await expect.poll(() => gateway.problems.attending).toBe(0);
});
