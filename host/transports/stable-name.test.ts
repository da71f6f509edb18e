import { afterEach, expect, test } from "vitest";
import { fakeRoot, removeFakeRoots } from "./fake-root.ts";
import { stableNameAdvice } from "./stable-name.ts";

afterEach(removeFakeRoots);

const byId = "/dev/serial/by-id/usb-Espruino_Pico_30003B-if00";
const pico = { "dev/ttyACM0": "", [byId.slice(1)]: "-> ../../ttyACM0" };

/** Two adapters of one kind and serial number, as the kernel lays them out. */
const stick = (tty: string, socket: string) => ({
  [`dev/${tty}`]: "",
  [`sys/devices/${socket}/idVendor`]: "10c4\n",
  [`sys/devices/${socket}/idProduct`]: "ea60\n",
  [`sys/devices/${socket}/serial`]: "0001\n",
  [`sys/devices/${socket}/${tty}/device`]: "-> ..",
  [`sys/class/tty/${tty}`]: `-> ../../devices/${socket}/${tty}`,
  [`dev/serial/by-path/${socket}`]: `-> ../../${tty}`,
});
const sharedId = "/dev/serial/by-id/usb-CP2102_0001-if00-port0";

test.each([
  ["/dev/ttyACM0", pico, `/dev/ttyACM0 may be another port after the next start; write ${byId}`],
  [
    "/dev/ttyUSB3",
    {},
    "/dev/ttyUSB3 may be another port after the next start; write its name under /dev/serial/by-id or by-path",
  ],
  [
    sharedId,
    { ...stick("ttyUSB0", "1-1"), ...stick("ttyUSB1", "1-2"), [sharedId.slice(1)]: "-> ../../ttyUSB1" },
    `${sharedId} is the name of two equal devices, of whichever was plugged last; write /dev/serial/by-path/1-2`,
  ],
  [sharedId, { ...stick("ttyUSB0", "1-1"), [sharedId.slice(1)]: "-> ../../ttyUSB0" }, ""],
  [byId, pico, ""],
  [byId, {}, ""],
  ["/dev/serial/by-path/1-1", stick("ttyUSB0", "1-1"), ""],
  ["/dev/ttyAMA0", { "dev/ttyAMA0": "" }, ""],
  ["/dev/serial0", { "dev/serial0": "-> ttyS0", "dev/ttyS0": "" }, ""],
])("%s, case %#", async (path, files: Record<string, string>, advice) => {
  expect(await stableNameAdvice(path, await fakeRoot(files))).toBe(advice);
});
