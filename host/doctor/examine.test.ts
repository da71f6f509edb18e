import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { examine } from "./examine.ts";
import { fakeMachine, usbBoard } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

const files = {
  ...usbBoard("ttyACM0", "1-1", "0483:5740"),
  "home/pi/.profile": "",
  "usr/bin/script": "",
  "run/systemd/timesync/synchronized": "",
  "etc/group": "dialout:x:20:pi\n",
};

test("a machine as it should be has no fault, and its ports are told with it", async () => {
  const { findings, ports } = await examine(await fakeMachine({ files }));
  expect(findings.filter(({ level }) => level !== "ok")).toEqual([]);
  expect(findings.length).toBeGreaterThan(8);
  expect(ports.map(({ device }) => device)).toEqual(["/dev/ttyACM0"]);
});

test("a fault says what mends it, whatever is wrong", async () => {
  const { findings } = await examine(
    await fakeMachine({
      files: { "proc/700/comm": "ModemManager\n", "home/pi/.profile": "" },
      nodeVersion: "18.0.0",
      user: { name: "pi", uid: 1000, groups: [] },
      forbidden: ["/home/pi"],
      config: { serial: [{ path: "/dev/serial/by-id/usb-gone" }] },
    }),
  );
  const faults = findings.filter(({ level }) => level !== "ok");
  expect(faults.map(({ name }) => name)).toEqual([
    "node",
    "data",
    "serial",
    "script",
    "clock",
    "udev",
    "modemmanager",
  ]);
  expect(faults.filter(({ mend }) => mend === "")).toEqual([]);
});

test("a check that breaks is told, and the others are made", async () => {
  const machine = await fakeMachine({
    files,
    space: async () => Promise.reject(new Error("ENOSYS: statfs")),
  });
  const { findings } = await examine(machine);
  expect(findings.filter(({ level }) => level !== "ok")).toEqual([
    {
      name: "data",
      level: "warn",
      seen: "the check data could not be made: ENOSYS: statfs",
      mend: "report it, with this line and the kind of machine",
    },
  ]);
  expect(findings.at(-1)?.name).toBe("brltty");
});

test("on another system nothing is said of what only Linux has", async () => {
  const { findings } = await examine(
    await fakeMachine({ files: { "home/pi/.profile": "" }, platform: "darwin" }),
  );
  expect(findings.map(({ name, level }) => `${name} ${level}`)).toEqual([
    "node ok",
    "serialport ok",
    "classic-level ok",
    "data ok",
  ]);
});
