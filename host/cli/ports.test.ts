import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deviceView, FakeGateway, serialView } from "../http/testing/fake-gateway.ts";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import type { PortInfo } from "../transports/ports.ts";
import { joinPorts } from "./ports.ts";
import { FakeTerminal } from "./testing/fake-terminal.ts";
import { runVerb, VerbRunner } from "./testing/run-verb.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-ports-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const portAt = (device: string): PortInfo => ({
  name: `${device}-by-id`,
  device,
  vidPid: "0483:5740",
  serialNumber: "30003B",
  manufacturer: "STM",
  product: "Espruino Pico",
  holder: undefined,
  espruino: "yes",
});
const speaking = { open: true, state: "speaking" } as const;
const heldAt = (path: string) => ({ ...serialView(path, speaking), board: "sim-1" });

test("joinPorts() knows a port by whatever name the configuration gives it", async () => {
  const device = join(folder, "ttyACM0");
  writeFileSync(device, "");
  symlinkSync(device, join(folder, "alias"));
  const held = heldAt(join(folder, "alias"));
  expect(await joinPorts([portAt(device)], [held])).toEqual([{ ...portAt(device), gateway: held }]);
});

test("joinPorts() adds ports that are only configured, also those that are not there", async () => {
  const held = heldAt(join(folder, "missing"));
  expect(await joinPorts([portAt("/dev/ttyACM0")], [held])).toEqual([
    portAt("/dev/ttyACM0"),
    { name: held.path, espruino: "yes", gateway: held },
  ]);
});

test("joinPorts() takes what has said hello for an Espruino, and leaves others as they seem", async () => {
  const device = join(folder, "ttyUSB0");
  writeFileSync(device, "");
  const bridge: PortInfo = { ...portAt(device), vidPid: "10c4:ea60", espruino: "maybe" };
  const seen = async (board: string) =>
    (await joinPorts([bridge], [{ ...heldAt(device), board }]))[0].espruino;
  expect([await seen("sim-1"), await seen("")]).toEqual(["yes", "maybe"]);
});

describe("with a gateway", () => {
  let gateway: FakeGateway;
  let server: ServerUnderTest;
  let verbs: VerbRunner;
  beforeEach(async () => {
    gateway = new FakeGateway();
    server = await new ServerUnderTest(gateway).start();
    verbs = new VerbRunner(`${server.base}/?token=${control}`);
  });
  afterEach(() => server.stop());

  test("ports shows what it holds, and whose board is there", async () => {
    const path = join(folder, "sim-1.tty");
    const waitingFor = `open serial port ${join(folder, "gone")}: no such device; is the board plugged in?`;
    const waiting = serialView(join(folder, "gone"), { waitingFor });
    gateway.serial = [serialView(path, speaking), waiting];
    gateway.devices = [{ ...deviceView("sim-1"), via: `serial ${path}` }];
    const { code, out } = await verbs.run("ports", "--json");
    const rows = out.map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(rows).toContainEqual({
      name: path,
      espruino: "yes",
      gateway: { ...serialView(path, speaking), board: "sim-1" },
    });
    expect(rows).toContainEqual({ name: waiting.path, gateway: { ...waiting, board: "" } });
    const table = (await verbs.run("ports")).out.join("\n");
    expect(table).toMatch(/^port +device +usb +serial number +espruino +held by +gateway$/m);
    expect(table).toMatch(/sim-1\.tty .* yes .* open, sim-1$/m);
    expect(table).toMatch(/gone .* waiting: no such device; is the board plugged in\?$/m);
  });

  test.each([
    [{ state: "open" }, "open, no board yet"],
    [{ state: "silent", reopened: 3, reset: 2 }, "silent, reopened 3, reset 2"],
    [{ state: "speaking", rebound: 1 }, "open, no board yet, rebound 1"],
    [{ state: "stalled" }, "stalled"],
  ] as const)("of a port that is %o it says: %s", async (seen, said) => {
    gateway.serial = [serialView(join(folder, "tty"), { open: true, ...seen })];
    expect((await verbs.run("ports")).out.at(-1)).toMatch(new RegExp(`tty .* ${said}$`));
  });
});

test("a port that is lent is shown with who has it, and its board as lent", async () => {
  const gateway = new FakeGateway();
  const server = await new ServerUnderTest(gateway).start();
  const verbs = new VerbRunner(`${server.base}/?token=${control}`);
  const path = join(folder, "tty");
  const lent = { to: "bowline flash, pid 812", since: new Date(2026, 10, 26, 12, 4, 5).getTime() };
  gateway.serial = [serialView(path, { state: "lent", lent })];
  gateway.devices = [
    { ...deviceView("on-it"), connected: false, via: `serial ${path}` },
    { ...deviceView("elsewhere"), connected: false, via: "tcp 127.0.0.1:50000" },
  ];
  const ports = (await verbs.run("ports")).out.join("\n");
  const devices = (await verbs.run("devices")).out.join("\n");
  const states = (await verbs.run("devices", "--json")).out.map((line) => JSON.parse(line).state);
  await server.stop();
  expect(ports).toMatch(/tty .* lent to bowline flash, pid 812 since 2026-11-26 12:04:05$/m);
  expect(devices).toMatch(/^on-it +lent /m);
  expect(devices).toMatch(/^elsewhere +away /m);
  expect(states).toEqual(["lent", "away"]);
});

test("without a gateway ports lists the machine's, and says nothing of the gateway", async () => {
  const terminal = new FakeTerminal();
  terminal.cwd = folder;
  const { code, err } = await runVerb(["ports", "--set", "http.port=1"], terminal);
  expect(code).toBe(0);
  expect(err.join()).not.toContain("gateway");
});

test("a gateway that was named and cannot be asked is said, and the ports are listed", async () => {
  const terminal = new FakeTerminal();
  terminal.env = { BOWLINE_TOKEN: "control-token-0123456789" };
  const { code, err } = await runVerb(["ports", "--url", "http://127.0.0.1:1"], terminal);
  expect([code, err[0]]).toEqual([0, expect.stringContaining("the gateway was not asked: ")]);
});
