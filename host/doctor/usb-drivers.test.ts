import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { fakeMachine, portlessBoard, told, usbBoard } from "./testing/fake-machine.ts";
import { checkUsbDrivers } from "./usb-drivers.ts";

afterEach(removeFakeRoots);

const kernel = { "proc/sys/kernel/osrelease": "6.12.1-v8\n" };
const modules = { ...kernel, "lib/modules/6.12.1-v8/modules.dep": "" };
const toldOf = async (files: Record<string, string>) =>
  told(await checkUsbDrivers(await fakeMachine({ files })));

test("boards with a port, and devices that are no boards, are nothing to tell of", async () => {
  const files = {
    ...usbBoard("ttyACM0", "1-1", "0483:5740"),
    ...usbBoard("ttyUSB0", "1-2", "10c4:ea60"),
    ...portlessBoard("1-3", "046d:c31c"),
    "sys/bus/usb/devices/1-1:1.0": "-> ../../../devices/usb1/1-1/1-1:1.0",
    "sys/bus/usb/devices/1-4": "-> ../../../devices/usb1/just-unplugged",
  };
  expect(await toldOf(files)).toEqual([]);
});

test.each([
  ["2e8a:000a", "RP2040, RP2350", "cdc_acm"],
  ["10c4:ea60", "CP210x bridge, often an ESP", "cp210x"],
  ["1a86:7523", "CH340 bridge, often an ESP", "ch341"],
  ["0403:6001", "FTDI bridge", "ftdi_sio"],
])("%s without its driver", async (vidPid, what, driver) => {
  expect(await toldOf({ ...modules, ...portlessBoard("1-1", vidPid) })).toEqual([
    `FAIL ${vidPid} (${what}) is plugged in and has no port: its driver ${driver} is not loaded`,
    `-> sudo modprobe ${driver}`,
  ]);
});

test("a driver that is there and does not have it, perhaps because something else does", async () => {
  const files = { ...modules, ...portlessBoard("1-1", "0403:6001"), "sys/bus/usb/drivers/ftdi_sio/bind": "" };
  expect(await toldOf(files)).toEqual([
    "warn 0403:6001 (FTDI bridge) is plugged in and has no port: its driver ftdi_sio does not have it",
    "-> unplug it, and plug it in again",
  ]);
});

test("a kernel that was replaced while it ran cannot load any", async () => {
  expect(await toldOf({ ...kernel, ...portlessBoard("1-1", "2e8a:000a") })).toEqual([
    "FAIL 2e8a:000a (RP2040, RP2350) is plugged in and has no port: the kernel that runs (6.12.1-v8) was replaced, its drivers are gone",
    "-> sudo reboot",
  ]);
});

test("brltty takes a bridge for a Braille display", async () => {
  const files = { ...modules, ...portlessBoard("1-1", "1a86:7523"), "proc/500/comm": "brltty\n" };
  expect(await toldOf(files)).toEqual([
    "FAIL 1a86:7523 (CH340 bridge, often an ESP) is plugged in and has no port: brltty has it",
    "-> sudo systemctl disable --now brltty brltty-udev",
    "-> sudo apt-get remove brltty, if nobody here reads Braille",
  ]);
});

test("in a container the port may be outside", async () => {
  expect(await toldOf({ ".dockerenv": "", ...portlessBoard("1-1", "2e8a:000a") })).toEqual([
    "warn 2e8a:000a (RP2040, RP2350) is plugged in and has no port here",
    "-> look on the machine around this container: ls /dev/serial/by-id",
  ]);
});

test("a board whose button was held", async () => {
  expect(await toldOf(portlessBoard("1-1", "0483:df11"))).toEqual([
    "warn 0483:df11 is a board in its boot loader",
    "-> unplug it, and plug it in again without its button held",
  ]);
});
