import { afterEach, beforeEach, expect, test } from "vitest";
import { deviceView, FakeGateway } from "../http/testing/fake-gateway.ts";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { FakeTerminal } from "./testing/fake-terminal.ts";
import { runVerb, splitToken, VerbRunner } from "./testing/run-verb.ts";

let gateway: FakeGateway;
let server: ServerUnderTest;
let verbs: VerbRunner;

beforeEach(async () => {
  gateway = new FakeGateway();
  server = await new ServerUnderTest(gateway).start();
  verbs = new VerbRunner(`${server.base}/?token=${control}`);
});
afterEach(() => server.stop());

const session = {
  id: "a0a1a2a3",
  device: "sim-1",
  state: "open",
  via: "tcp 127.0.0.1:50000",
  confirmed: true,
  received: 12,
  acknowledged: 3,
  unacknowledged: 1,
  skipped: 0,
  connections: 2,
} as const;

test("devices prints a table of the boards", async () => {
  gateway.devices = [
    {
      ...deviceView("sim-1"),
      delivered: 1200,
      missing: 2,
      lost: 1,
      lastAt: new Date(2026, 0, 2, 12, 4, 5).getTime(),
    },
    { ...deviceView("温度"), connected: false, via: "", board: "", firmware: "" },
  ];
  const { code, out, err } = await verbs.run("devices");
  expect([code, err]).toEqual([0, []]);
  expect(out).toEqual([
    "board  state      via                  kind       firmware       messages  missing  waiting  last",
    "sim-1  connected  tcp 127.0.0.1:50000  PICO_R1_3  bowline 0.1.0      1200        3        0  2026-01-02 12:04:05",
    "温度   away       -                    -          -                     0        0        0  -",
  ]);
});

test("devices on a narrow terminal is narrower, whatever the board says", async () => {
  gateway.devices = [
    { ...deviceView("sim-1"), via: "serial /dev/serial/by-id/usb-Espruino_Pico_30003B-if00" },
  ];
  const printed = async (columns: number) => {
    const terminal = new FakeTerminal();
    const { env, option } = splitToken(`${server.base}/?token=${control}`);
    Object.assign(terminal, { env, columns });
    return (await runVerb(["devices", ...option], terminal)).out;
  };
  expect(await printed(98)).toEqual([
    "board  state      via                   kind       firmware       messages  missing  waiting  last",
    "sim-1  connected  serial /de…003B-if00  PICO_R1_3  bowline 0.1.0         0        0        0  -",
  ]);
  expect(await printed(40)).toEqual([
    "board: sim-1",
    "  state: connected",
    "  via: serial /dev/serial/by-id/usb-Espruino_Pico_30003B-if00",
    "  kind: PICO_R1_3",
    "  firmware: bowline 0.1.0  messages: 0",
    "  missing: 0  waiting: 0",
  ]);
});

test("sessions prints a table of the sessions", async () => {
  gateway.sessions = [session, { ...session, id: "b0b1b2b3", device: "", state: "detached", via: "" }];
  const { code, out } = await verbs.run("sessions");
  expect(code).toBe(0);
  expect(out).toEqual([
    "session   board  state     via                  received  acknowledged  unacknowledged  skipped  connections",
    "a0a1a2a3  sim-1  open      tcp 127.0.0.1:50000        12             3               1        0            2",
    "b0b1b2b3  -      detached  -                          12             3               1        0            2",
  ]);
});

test("--json prints one object a line", async () => {
  gateway.devices = [deviceView("sim-1"), deviceView("sim-2")];
  gateway.sessions = [session];
  expect((await verbs.run("devices", "--json")).out.map((line) => JSON.parse(line))).toEqual(
    gateway.devices.map((device) => ({ ...device, state: "connected" })),
  );
  expect((await verbs.run("sessions", "--json")).out.map((line) => JSON.parse(line))).toEqual([session]);
});

test("nothing to list is said on stderr, and with --json not at all", async () => {
  expect(await verbs.run("devices")).toEqual({
    code: 0,
    out: [],
    err: ["no board has said hello yet; to try one: npx bowline sim"],
  });
  expect(await verbs.run("sessions")).toEqual({ code: 0, out: [], err: ["there is no session"] });
  expect(await verbs.run("devices", "--json")).toEqual({ code: 0, out: [], err: [] });
});

test("devices forget takes a board out of sight; one that is not there is told", async () => {
  gateway.devices = [deviceView("a b"), deviceView("sim-1")];
  const { code, out } = await verbs.run("devices", "forget", "a b");
  expect([code, out]).toEqual([
    0,
    ["a b is forgotten; its messages are kept, and it is shown again when it comes back"],
  ]);
  expect(gateway.devices.map(({ id }) => id)).toEqual(["sim-1"]);
  expect((await verbs.run("devices", "--json", "forget", "sim-1")).out).toEqual(['{"id":"sim-1"}']);
  const again = await verbs.run("devices", "forget", "a b");
  expect([again.code, again.err[0]]).toEqual([3, expect.stringContaining("[DEVICE_UNKNOWN]")]);
});

test("devices forget minds which gateway is meant also when that is said before it", async () => {
  gateway.devices = [deviceView("sim-1")];
  const terminal = new FakeTerminal();
  const { env, option } = splitToken(`${server.base}/?token=${control}`);
  terminal.env = env;
  const { code, err } = await runVerb(["devices", ...option, "forget", "sim-1"], terminal);
  expect([code, err, gateway.devices]).toEqual([0, [], []]);
});
