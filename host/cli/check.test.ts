/** `bowline check` says the truth in each of four states, and what mends it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deviceView, FakeGateway } from "../http/testing/fake-gateway.ts";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import type { Problem } from "../problems/problem.ts";
import { freePort } from "../testing/free-port.ts";
import { FakeTerminal } from "./testing/fake-terminal.ts";
import { RawServer } from "./testing/raw-server.ts";
import { runVerb, VerbRunner } from "./testing/run-verb.ts";

let gateway: FakeGateway;
let server: ServerUnderTest;
let verbs: VerbRunner;

beforeEach(async () => {
  gateway = new FakeGateway();
  gateway.devices = [deviceView("sim-1"), { ...deviceView("shed"), connected: false }];
  server = await new ServerUnderTest(gateway).start();
  verbs = new VerbRunner(`${server.base}/?token=${control}`);
});
afterEach(() => server.stop());

const ago = (ms: number) => Date.now() - ms;
const away = (seen: Partial<Problem> = {}): Problem => ({
  ...{ code: "BOARD_AWAY", level: "warning", subject: { kind: "board", name: "shed" }, what: "is away" },
  ...{ since: ago(300_000), mend: "bowline devices forget shed", ...seen },
});
const full: Problem = {
  ...{ code: "STORE_FULL", level: "critical", subject: { kind: "store", name: "" } },
  ...{ what: "is full: boards | wait", since: ago(7_200_000), mend: "store.maxBytes" },
};
const DATA =
  /\|boards=2;;;0 connected=1;;;0;2 warnings=\d;0;;0 criticals=\d;;0;0 messages=\d+c store=\d+B;;;0;1000000 uptime=\d+s$/;

describe("for people", () => {
  test("nothing is wrong: it says so, and ends with 0", async () => {
    expect(await verbs.run("check")).toEqual({ code: 0, out: ["all is well"], err: [] });
  });

  test("what is wrong, since when, and what mends it; it ends with 1", async () => {
    gateway.problems.become(full, away());
    const { code, out, err } = await verbs.run("check");
    expect(out.map((line) => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, "DATE"))).toEqual([
      "of          level     since                for    code",
      "store       critical  DATE  2 h    STORE_FULL",
      "  is full: boards | wait",
      "  mend: store.maxBytes",
      "board shed  warning   DATE  5 min  BOARD_AWAY",
      "  is away",
      "  mend: npx bowline devices forget shed",
    ]);
    expect([code, err]).toEqual([1, []]);
  });

  test("on a narrow terminal nothing of what is wrong is left out", async () => {
    gateway.problems.become(away({ what: "is away ".repeat(20).trim() }));
    verbs.columns = 30;
    const { out } = await verbs.run("check");
    expect(out.join(" ").replace(/ +/g, " ")).toContain("is away ".repeat(20).trim());
    expect(out.filter((line) => line.length > 30)).toEqual([]);
  });

  test("--json: one problem a line", async () => {
    const problem = away();
    gateway.problems.become(problem);
    const { code, out } = await verbs.run("check", "--json");
    expect([code, out.map((line) => JSON.parse(line))]).toEqual([1, [problem]]);
  });
});

describe("for Nagios", () => {
  test("OK, 0: all is well", async () => {
    const { code, out, err } = await verbs.run("check", "--nagios");
    expect([code, err, out.length]).toEqual([0, [], 1]);
    expect(out[0]).toMatch(/^BOWLINE OK - 1 of 2 boards connected, nothing is wrong\|/);
    expect(out[0]).toMatch(DATA);
  });

  test("WARN, 1: somebody should look", async () => {
    gateway.problems.become(away());
    const { code, out, err } = await verbs.run("check", "--nagios");
    expect([code, err]).toEqual([1, []]);
    expect(out[0]).toMatch(/^BOWLINE WARN - board shed is away, for 5 min \(1 of 2 boards connected\)\|/);
  });

  test("CRIT, 2: the first three are told; a bar in a text begins no performance data", async () => {
    gateway.problems.become(full, away(), away(), away({ what: "is\naway" }));
    const { code, out } = await verbs.run("check", "--nagios");
    expect(code).toBe(2);
    expect(out[0]).toMatch(
      /^BOWLINE CRIT - store is full: boards \/ wait, for 2 h; board shed .*; and 1 more \([^|]*\)\|[^|]*$/,
    );
    expect(out[0]).toMatch(DATA);
  });

  test("what others said moves no cursor of who reads it", async () => {
    gateway.problems.become(away({ what: "is away: \u001b[2J\u202egone" }));
    const { out } = await verbs.run("check", "--nagios");
    expect(out[0]).toContain("is away: \\u001b[2J\\u202egone, for 5 min");
  });

  test("CRIT, 2: nobody listens there", async () => {
    const { code, out, err } = await new VerbRunner(
      `http://127.0.0.1:${await freePort()}/?token=${control}`,
    ).run("check", "--nagios");
    expect([code, err]).toEqual([2, []]);
    expect(out).toEqual([
      expect.stringMatching(/^BOWLINE CRIT - .*nobody listens there.* \[NOT_RUNNING\]; mend: npm start/),
    ]);
  });

  test("CRIT, 2: what listens there does not answer", async () => {
    const raw = await new RawServer(({ socket }) => void socket.destroy()).start();
    const { code, out } = await new VerbRunner(`${raw.url}?token=${control}`).run("check", "--nagios");
    await raw.stop();
    expect([code, out[0]]).toEqual([
      2,
      expect.stringMatching(/^BOWLINE CRIT - .* the connection broke .*GATEWAY_LOST/),
    ]);
  });

  test("UNKNOWN, 3: it cannot tell", async () => {
    gateway.problems.view = () => {
      throw new Error("stuck");
    };
    const { code, out } = await verbs.run("check", "--nagios");
    expect([code, out[0]]).toEqual([3, expect.stringMatching(/^BOWLINE UNKNOWN - .*\[INTERNAL\]/)]);
  });

  test("UNKNOWN, 3: the token is none of its own", async () => {
    const { code, out, err } = await new VerbRunner(`${server.base}/?token=wrong-token-0123456789`).run(
      "check",
      "--nagios",
    );
    expect([code, err]).toEqual([3, []]);
    expect(out[0]).toMatch(/^BOWLINE UNKNOWN - .*\[TOKEN_NEEDED\]; mend: /);
  });

  test("UNKNOWN, 3: the configuration or an option is wrong", async () => {
    const terminal = new FakeTerminal();
    expect((await runVerb(["check", "--nagios", "--config", "/nowhere/bowline.yaml"], terminal)).code).toBe(
      3,
    );
    const mistyped = await runVerb(["check", "--nagios", "--warn"], new FakeTerminal());
    expect([mistyped.code, mistyped.out[0]]).toEqual([
      3,
      expect.stringMatching(/^BOWLINE UNKNOWN - unknown option/),
    ]);
  });
});
