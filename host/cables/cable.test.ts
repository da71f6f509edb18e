import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../platform/clock.ts";
import { BowlineError } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import { fakeRoot, removeFakeRoots } from "../transports/fake-root.ts";
import type { KeptTransport } from "../transports/serial-port-keeper.ts";
import { Cable, type CableSettings } from "./cable.ts";

const path = "/dev/serial/by-id/usb-board";
const defaults: CableSettings = {
  path,
  baud: 115200,
  resetOnOpen: "if_silent",
  syncIntervalMaxMs: 2000,
  silentAfterS: 10,
  reopenWhenSilent: true,
  rebindWhenSilent: true,
};

/** A cable on a machine of our own, and the log as a person sees it. */
async function fakeCable(settings: Partial<CableSettings> = {}, files: Record<string, string> = {}) {
  const lines: string[] = [];
  const hidden: string[] = [];
  const to = (list: string[]) => (_fields: object, text: string) => void list.push(text);
  const log: Log = { debug: to(hidden), info: to(lines), warn: to(lines), error: to(lines) };
  const machine = {
    frames: 0,
    isStalled: false,
    error: "",
    rebindError: "",
    releaseError: "",
    lines,
    hidden,
  };
  let current: KeptTransport | undefined;
  let over = () => {};
  const cable = new Cable(
    { ...defaults, ...settings },
    {
      log,
      clock: systemClock,
      root: await fakeRoot(files),
      connect(transport, quiet, onOver) {
        machine.frames = 0;
        over = () => {
          quiet.info({}, "connection over");
          onOver();
        };
        void (transport as KeptTransport).closed.then(() => over());
        return {
          get frames() {
            return machine.frames;
          },
          get isStalled() {
            return machine.isStalled;
          },
        };
      },
      port: {
        async open() {
          if (machine.error !== "") throw new BowlineError(machine.error, `open: ${machine.error}`);
          let close: (reason?: string) => void = () => {};
          const closed = new Promise<string>((resolve) => {
            close = (reason = "closed here") => resolve(reason);
          });
          current = { name: "fake", remoteAddress: "", closed, start() {}, write: () => true, close };
          return current;
        },
        identify: async () => "always the same",
        async release() {
          if (machine.releaseError !== "") throw new BowlineError(machine.releaseError, machine.releaseError);
        },
        async rebind() {
          if (machine.rebindError !== "") throw new BowlineError(machine.rebindError, machine.rebindError);
        },
      },
    },
  );
  cable.start();
  await until(() => expect(cable.view.openings + lines.length).toBeGreaterThan(0));
  return { cable, machine, unplug: () => current?.close("unplugged") };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "performance"] }));
afterEach(async () => {
  vi.useRealTimers();
  await removeFakeRoots();
});
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("a silent port is told of once a step, the retries for ever after are not, its end is", async () => {
  const { cable, machine } = await fakeCable();
  await pass(1_000_000);
  expect(machine.lines).toEqual([
    "port open",
    "no valid frame for 10 s: the port is reopened",
    "connection over",
    "no valid frame for 20 s: the board is reset by DTR and RTS",
    "no valid frame for 30 s: its USB device is rebound",
  ]);
  // Rounds of three steps end after 30, 90, 210, 450 and 930 s.
  const { reopened, reset, rebound, openings } = cable.view;
  expect([reopened, reset, rebound, openings]).toEqual([5, 5, 5, 16]);
  machine.frames++;
  await pass(1000);
  expect(machine.lines.slice(5)).toEqual(["a board speaks again"]);
  await cable.stop();
});

test("a port that fails whenever it is opened is told of once, and again when something else happens", async () => {
  const { cable, machine, unplug } = await fakeCable();
  for (let i = 0; i < 20; i++) {
    unplug();
    await pass(1700);
  }
  expect(machine.lines).toEqual(["port open", "connection over"]);
  machine.error = "SERIAL_NOT_FOUND";
  unplug();
  await pass(60_000);
  machine.error = "";
  await pass(2000);
  expect(machine.lines.slice(2)).toEqual(["open: SERIAL_NOT_FOUND", "port open"]);
  await cable.stop();
});

test("a board that speaks between two losses makes each of them news", async () => {
  const { cable, machine, unplug } = await fakeCable();
  for (let i = 0; i < 3; i++) {
    machine.frames++;
    unplug();
    await pass(1700);
  }
  expect(machine.lines).toEqual(["port open", ...Array(3).fill(["connection over", "port open"]).flat()]);
  await cable.stop();
});

test("its state is told in one word", async () => {
  const { cable, machine, unplug } = await fakeCable();
  expect(cable.view).toMatchObject({ open: true, state: "open", waitingFor: "" });
  machine.frames++;
  expect(cable.view.state).toBe("speaking");
  machine.isStalled = true;
  expect(cable.view.state).toBe("stalled");
  machine.isStalled = false;
  await pass(12_000);
  expect(cable.view.state).toBe("silent");
  machine.error = "SERIAL_BUSY";
  unplug();
  await pass(500);
  expect(cable.view).toMatchObject({ open: false, state: "waiting", waitingFor: "open: SERIAL_BUSY" });
  await cable.stop();
});

test.each([
  ["silentAfterS: 0", { silentAfterS: 0 }],
  ["every step disabled", { resetOnOpen: "never", reopenWhenSilent: false, rebindWhenSilent: false }],
] as const)("with %s nothing is done", async (_, settings) => {
  const { cable, machine } = await fakeCable(settings);
  await pass(600_000);
  expect(machine.lines).toEqual(["port open"]);
  await cable.stop();
});

test("fewer than three heartbeats missed are no silence", async () => {
  const { cable, machine } = await fakeCable({ silentAfterS: 1, syncIntervalMaxMs: 20_000 });
  await pass(59_000);
  expect(machine.lines).toEqual(["port open"]);
  await pass(2000);
  expect(machine.lines[1]).toBe("no valid frame for 60 s: the port is reopened");
  await cable.stop();
});

test("a step that fails is told once for each reason", async () => {
  const { cable, machine } = await fakeCable({ resetOnOpen: "never", reopenWhenSilent: false });
  machine.rebindError = "USB_REBIND_FAILED";
  await pass(600_000);
  expect(machine.lines.filter((line) => line === "USB_REBIND_FAILED")).toEqual(["USB_REBIND_FAILED"]);
  await cable.stop();
});

test("a numbered name and a slow adapter are told with what mends them, once", async () => {
  const { cable, machine, unplug } = await fakeCable(
    { path: "/dev/ttyUSB0" },
    {
      "dev/ttyUSB0": "",
      "dev/serial/by-id/usb-FTDI": "-> ../../ttyUSB0",
      // A number of the kernel's that not even root can write.
      "sys/bus/usb-serial/devices/ttyUSB0/latency_timer": "-> /proc/sys/kernel/ngroups_max",
    },
  );
  await until(() => expect(machine.lines.length).toBe(3));
  unplug();
  await pass(2000);
  await cable.stop();
  const advice = machine.lines.filter((line) => line.includes("/dev/ttyUSB0 ") || line.includes("sudo tee"));
  expect(advice).toEqual([
    "/dev/ttyUSB0 may be another port after the next start; write /dev/serial/by-id/usb-FTDI",
    expect.stringMatching(/^the adapter holds bytes back for up to \d+ ms; echo 1 \| sudo tee/),
  ]);
});

test("the adapter's latency is shown once it was lowered", async () => {
  const timer = "sys/bus/usb-serial/devices/ttyUSB0/latency_timer";
  const files = { "dev/ttyUSB0": "", [path.slice(1)]: "-> ../../ttyUSB0", [timer]: "16\n" };
  const { cable } = await fakeCable({}, files);
  await until(() => expect(cable.view.latencyMs).toBe(1));
  await cable.stop();
  expect(cable.view.latencyMs).toBeNull();
});

test("a loan is told when it begins and ends, and shown; the lost connection is part of it", async () => {
  const { cable, machine, unplug } = await fakeCable();
  machine.frames++;
  expect(cable.view).toMatchObject({ state: "speaking", lent: null });
  const loan = await cable.lend("bowline flash, pid 812");
  expect(loan).toMatchObject({ path, baud: 115200 });
  expect(cable.view).toMatchObject({ open: false, state: "lent", waitingFor: "" });
  expect(cable.view.lent).toEqual({ to: "bowline flash, pid 812", since: expect.any(Number) });
  await pass(14_000);
  loan.giveBack();
  loan.giveBack();
  await pass(0);
  expect(cable.view).toMatchObject({ open: true, state: "open", lent: null });
  expect(machine.lines).toEqual([
    "port open",
    "lent to bowline flash, pid 812",
    "given back after 14 s",
    "port open",
  ]);
  unplug();
  await cable.stop();
});

test("a port that is lent is not lent again before it is given back, nor given back by an older loan", async () => {
  const { cable } = await fakeCable();
  const first = await cable.lend("one");
  await expect(cable.lend("two")).rejects.toMatchObject({
    code: "PORT_LENT",
    exitCode: 5,
    message: expect.stringContaining("it is lent to one"),
  });
  first.giveBack();
  const second = await cable.lend("two");
  first.giveBack();
  expect(cable.view.lent?.to).toBe("two");
  second.giveBack();
  await cable.stop();
});

test("a port that does not close is not lent, and kept as before", async () => {
  const { cable, machine } = await fakeCable();
  machine.releaseError = "PORT_STUCK";
  await expect(cable.lend("one")).rejects.toMatchObject({ code: "PORT_STUCK" });
  await pass(0);
  expect(cable.view).toMatchObject({ open: true, lent: null });
  expect(machine.lines.slice(1)).toEqual(["lent to one", "given back after 0 s", "port open"]);
  await cable.stop();
});
