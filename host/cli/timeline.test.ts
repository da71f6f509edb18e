/** `bowline timeline`: what happened, for people and for programs. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { deviceView, FakeGateway } from "../http/testing/fake-gateway.ts";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { VerbRunner } from "./testing/run-verb.ts";

let gateway: FakeGateway;
let server: ServerUnderTest;
let verbs: VerbRunner;

beforeEach(async () => {
  gateway = new FakeGateway();
  server = await new ServerUnderTest(gateway).start();
  verbs = new VerbRunner(`${server.base}/?token=${control}`);
});
afterEach(() => server.stop());

/** Minutes ago, as a person reads it. */
const at = (minutes: number) => Math.floor(Date.now() / 1000) * 1000 - minutes * 60_000;
const dates = (lines: string[]) =>
  lines.map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, "DATE"));

function happen(): void {
  gateway.timeline.happen({
    kind: "up",
    at: at(50),
    text: "started",
    subject: { kind: "bowline", name: "" },
  });
  gateway.timeline.happen({
    ...{ kind: "fault", at: at(30), level: "warn", text: "it does not exist", mend: "bowline ports" },
    ...{ subject: { kind: "port", name: "/dev/ttyACM0" }, fields: { code: "PORT_MISSING" } },
  });
  gateway.timeline.happen({
    kind: "down",
    at: at(20),
    text: "disconnected",
    fields: { via: "tcp x", why: "DEAD" },
  });
  gateway.timeline.happen({
    ...{ kind: "resumed", at: at(10), text: "session resumed" },
    fields: { via: "tcp x", sentAgain: 2, repeats: 3, times: 12, seconds: 40 },
  });
}

test("a table, the oldest first, with all that belongs to each", async () => {
  happen();
  const { code, out, err } = await verbs.run("timeline");
  expect([code, err]).toEqual([0, []]);
  expect(dates(out)).toEqual([
    "when                 of                 event    what",
    "DATE  gateway            up       started",
    "DATE  port /dev/ttyACM0  fault    it does not exist: PORT_MISSING (mend: npx bowline ports)",
    "DATE  board sim-1        down     disconnected via tcp x: DEAD",
    "DATE  board sim-1        resumed  session resumed via tcp x (sentAgain 2, repeats 3) ×12 in 40 s",
  ]);
});

test("of one subject, by its name alone or with its kind", async () => {
  happen();
  for (const subject of ["sim-1", "board:sim-1"])
    expect((await verbs.run("timeline", subject)).out).toHaveLength(3);
  expect((await verbs.run("timeline", "port:/dev/ttyACM0")).out).toHaveLength(2);
  for (const subject of ["gateway", "bowline"])
    expect((await verbs.run("timeline", subject)).out.at(1)).toContain("gateway  up     started");
});

test("one that nothing happened to is told from one that nobody knows", async () => {
  happen();
  gateway.devices = [deviceView("sim-1"), deviceView("shed")];
  for (const subject of ["shed", "board:shed", "store"]) {
    const { code, out, err } = await verbs.run("timeline", subject);
    expect([code, out, err]).toEqual([0, [], [`nothing happened to ${subject} in the last 24h`]]);
  }
  const { code, out, err } = await verbs.run("timeline", "shde");
  expect([code, out, err[0].split("\n")[0]]).toEqual([
    3,
    [],
    "bowline: looking for what happened to shde: nobody knows it; there is: board sim-1, port /dev/ttyACM0, gateway, board shed [SUBJECT_UNKNOWN]",
  ]);
});

test("so far back as it is asked for; what is not kept any more is said", async () => {
  happen();
  gateway.timeline.gaveUpBefore = at(15);
  const { out, err } = await verbs.run("timeline", "--since", "25m");
  expect(out).toHaveLength(3);
  expect(err).toEqual([expect.stringMatching(/^what happened before \d{4}-.* is not kept any more$/)]);
});

test("--json: one object a line, as the API has it", async () => {
  happen();
  const { out } = await verbs.run("timeline", "--json");
  expect(out.map((line) => JSON.parse(line))).toEqual(gateway.timeline.held);
});

test("a time that is none is refused", async () => {
  const { code, err } = await verbs.run("timeline", "--since", "yesterday");
  expect([code, err[0]]).toEqual([2, expect.stringContaining('reading --since: "yesterday" is no duration')]);
});
