import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { fakeRoot, removeFakeRoots } from "./fake-root.ts";
import { lowerLatency } from "./latency-timer.ts";

afterEach(removeFakeRoots);

const timer = "sys/bus/usb-serial/devices/ttyUSB0/latency_timer";
const alias = "dev/serial/by-id/usb-FTDI_A9-if00-port0";

test("16 ms become 1 where we may write it, found by any name of the port", async () => {
  const root = await fakeRoot({ "dev/ttyUSB0": "", [alias]: "-> ../../ttyUSB0", [timer]: "16\n" });
  expect(await lowerLatency(`/${alias}`, root)).toEqual({ ms: 1, advice: "" });
  expect((await readFile(join(root, timer), "utf8")).trim()).toBe("1");
});

test("where we may not, it is told with the command", async () => {
  // A number of the kernel's that not even root can write.
  const root = await fakeRoot({ "dev/ttyUSB0": "", [timer]: "-> /proc/sys/kernel/ngroups_max" });
  const { ms, advice } = await lowerLatency("/dev/ttyUSB0", root);
  expect(ms).toBe(Number((await readFile("/proc/sys/kernel/ngroups_max", "utf8")).trim()));
  expect(advice).toBe(
    `the adapter holds bytes back for up to ${ms} ms; echo 1 | sudo tee /sys/bus/usb-serial/devices/ttyUSB0/latency_timer`,
  );
});

test("a port without such a timer, or none at all, is left alone", async () => {
  const root = await fakeRoot({ "dev/ttyACM0": "" });
  expect(await lowerLatency("/dev/ttyACM0", root)).toEqual({ ms: null, advice: "" });
  expect(await lowerLatency("/dev/serial/by-id/gone", root)).toEqual({ ms: null, advice: "" });
});
