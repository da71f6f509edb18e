import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeGateway } from "../http/testing/fake-gateway.ts";
import { componentView, type FakeWork } from "../http/testing/fake-work.ts";
import { control, ServerUnderTest } from "../http/testing/server-under-test.ts";
import { VerbRunner } from "./testing/run-verb.ts";

let work: FakeWork;
let server: ServerUnderTest;
let verbs: VerbRunner;

/** When the fake heartbeats were heard. */
const heardAt = 1_795_301_705_980;

beforeEach(async () => {
  const gateway = new FakeGateway();
  work = gateway.work;
  server = await new ServerUnderTest(gateway).start();
  verbs = new VerbRunner(`${server.base}/?token=${control}`);
  vi.spyOn(Date, "now").mockReturnValue(heardAt + 40_000);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await server.stop();
});

test("components prints a row for each instance, and what is wrong with it", async () => {
  work.componentViews = [
    componentView("example_calculator", { message: "Processed message from 0000-jobcontrol" }),
    componentView("example_clock", { state: "late", isDown: true, isSilent: true, rhythmMs: 0, invalid: 2 }),
    componentView("bowline_sim-1", { address: "here", creator: "pi-kitchen" }),
  ];
  expect(await verbs.run("components")).toEqual({
    code: 0,
    err: [],
    out: [
      "component           state               heard  every  heartbeats  invalid  speaks from      creator            message",
      "example_calculator  alive               40 s   60 s            3        0  127.0.0.1:53122  0000-calculator-py  Processed message from 0000-jobcontrol",
      "example_clock       late, down, silent  40 s   -               3        2  127.0.0.1:53122  0000-calculator-py  -",
      "bowline_sim-1       alive               40 s   60 s            3        0  here             pi-kitchen         -",
    ].map((line) => line.replace(/(creator|pi-kitchen) {7,}/, (_, name) => name.padEnd(20))),
  });
});

test("components NAME prints its instances, what could not be read of it, and how it was before", async () => {
  const raw = '{ "message" : "a "quote"" }\u001b[2J';
  work.componentViews = [componentView("example_clock", { invalid: 1, raw }), componentView("example_bank")];
  const at = new Date(2026, 10, 22, 9, 3, 7).getTime();
  work.historyLines = [
    { at: at + 1000, name: "example_clock", creator: "clock-2", state: "gone", message: "" },
    { at, name: "example_clock", creator: "clock-1", state: "late", message: "busy" },
  ];
  const { code, out } = await verbs.run("components", "example_clock");
  expect(code).toBe(0);
  expect(out.slice(1)).toEqual([
    "example_clock  alive  40 s   60 s            3        1  127.0.0.1:53122  0000-calculator-py  -",
    'last heartbeat of 127.0.0.1:53122 that could not be read: "{ \\"message\\" : \\"a \\"quote\\"\\" }\\u001b[2J"',
    "",
    "when                 state  creator  message",
    "2026-11-22 09:03:08  gone   clock-2  -",
    "2026-11-22 09:03:07  late   clock-1  busy",
  ]);
});

test("a long name is whole wherever it is shown, so that it can be typed again", async () => {
  const name = `bowline_serial--${"dev-serial-by-id-".repeat(4)}usb`;
  work.componentViews = [componentView(name)];
  expect((await verbs.run("components")).out[1].startsWith(`${name}  alive`)).toBe(true);
  expect((await verbs.run("components", name)).out[1].startsWith(`${name}  alive`)).toBe(true);
  expect(JSON.parse((await verbs.run("components", "--json")).out[0]).name).toBe(name);
});

test("components forget takes one that is dead out of the list", async () => {
  work.componentViews = [componentView("example_clock", { state: "dead" }), componentView("example_bank")];
  expect(await verbs.run("components", "forget", "example_clock")).toEqual({
    code: 0,
    out: ["example_clock is forgotten, and shown again when it is heard"],
    err: [],
  });
  expect(work.componentViews.map(({ name }) => name)).toEqual(["example_bank"]);
  const { code, err } = await verbs.run("components", "forget", "example_bank");
  expect([code, err[0]]).toEqual([2, expect.stringContaining("[COMPONENT_THERE]")]);
});

test("components --json prints one object a line, with a name its history as well", async () => {
  work.componentViews = [componentView("example_clock"), componentView("example_bank")];
  const gone = { at: 1, name: "example_clock", creator: "c", state: "gone", message: "" } as const;
  work.historyLines = [gone];
  const objects = async (...args: string[]) =>
    (await verbs.run("components", ...args, "--json")).out.map((line) => JSON.parse(line));
  expect(await objects()).toEqual(work.componentViews);
  expect(await objects("example_clock")).toEqual([
    { what: "instance", ...work.componentViews[0] },
    { what: "history", ...gone },
  ]);
});

test("a component that is gone has its history; one that never was ends with 3", async () => {
  work.historyLines = [{ at: 1, name: "example_bank", creator: "b", state: "gone", message: "" }];
  const { code, out, err } = await verbs.run("components", "example_bank");
  expect([code, err, out.length]).toEqual([0, ["none runs now"], 3]);
  const unknown = await verbs.run("components", "example_cloc");
  expect([unknown.code, unknown.err[0]]).toEqual([3, expect.stringContaining("[COMPONENT_UNKNOWN]")]);
});

test("without a component it is said when one is heard", async () => {
  const { code, out, err } = await verbs.run("components");
  expect([code, out]).toEqual([0, []]);
  expect(err).toEqual([expect.stringMatching(/^no component has been heard yet: /)]);
});
