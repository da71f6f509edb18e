import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { checkDeviceNodes } from "./device-nodes.ts";
import { fakeMachine, told, usbBoard } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

const pico = usbBoard("ttyACM0", "1-1", "0483:5740");
const container = { ".dockerenv": "" };
const run =
  "-> docker run -v /dev:/dev --device-cgroup-rule='c 188:* rmw' --device-cgroup-rule='c 166:* rmw' --device-cgroup-rule='c 204:* rmw' --group-add dialout …";
/** As Linux packs major and minor. */
const rdev = (major: number, minor: number) => (major << 8) | minor;

async function toldOf(
  files: Record<string, string>,
  nodes: Record<string, { rdev: number }> = {},
): Promise<string[]> {
  return told(await checkDeviceNodes(await fakeMachine({ files, nodes })));
}

test("a node that stands for its device, and none at all", async () => {
  expect(await toldOf(pico, { "/dev/ttyACM0": { rdev: rdev(166, 0) } })).toEqual([]);
  expect(await toldOf({})).toEqual([]);
});

test("a node that stands for another device, or whose device has gone", async () => {
  const stale = "FAIL /dev/ttyACM0: the node has outlived its device, or stands for another";
  const another = { "/dev/ttyACM0": { rdev: rdev(166, 1) } };
  expect(await toldOf({ ...pico, ...container }, another)).toEqual([stale, run]);
  expect(await toldOf({ "dev/ttyACM0": "" }, another)).toEqual([
    stale,
    "-> sudo rm /dev/ttyACM0 && sudo udevadm trigger --subsystem-match=tty --action=add",
  ]);
});

test("a device without a node: outside of a container, and inside", async () => {
  const { "dev/ttyACM0": _, ...nodeless } = pico;
  expect(await toldOf(nodeless)).toEqual([
    "FAIL /dev/ttyACM0: the kernel has it, and /dev has not",
    "-> sudo udevadm trigger --subsystem-match=tty --action=add",
  ]);
  expect(await toldOf({ ...nodeless, ...container })).toEqual([
    "warn /dev/ttyACM0: on this machine, and not in this container",
    run,
  ]);
});

test.each([
  ["a *:* rwm\n", "ok boards that are plugged in later may be opened in this container"],
  [
    "c 1:3 rwm\nc 188:* rmw\nc 166:* rw\n",
    "ok boards that are plugged in later may be opened in this container",
  ],
  [
    "c 1:3 rwm\nc *:* m\nc 188:* rwm\n",
    "warn this container may not open boards that are plugged in later (c 166:*)",
  ],
  ["c 166:0 rwm\n", "warn this container may not open boards that are plugged in later (c 188:*, c 166:*)"],
])("the rules of a container: %j", async (list, seen) => {
  const files = { ...container, "sys/fs/cgroup/devices/devices.list": list };
  expect((await toldOf(files))[0]).toBe(seen);
  expect(await toldOf({ "sys/fs/cgroup/devices/devices.list": list })).toEqual([]);
});

test("a container that may not open the UART of its machine, where it has one", async () => {
  const uart = { ...container, "sys/class/tty/ttyAMA0/dev": "204:64\n" };
  const list = "sys/fs/cgroup/devices/devices.list";
  const usb = "ok boards that are plugged in later may be opened in this container";
  expect(await toldOf({ ...uart, [list]: "c 188:* rmw\nc 166:* rmw\n" })).toEqual([
    usb,
    "warn this container may not open /dev/ttyAMA0 (c 204:*)",
    run,
  ]);
  expect(await toldOf({ ...uart, [list]: "c 188:* rmw\nc 166:* rmw\nc 204:* rmw\n" })).toEqual([usb]);
});
