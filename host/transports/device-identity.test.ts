import { mkdir, rename, stat, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { formatDeviceNumber, identifyDevice } from "./device-identity.ts";
import { fakeRoot, removeFakeRoots } from "./fake-root.ts";

afterEach(removeFakeRoots);

const path = "/dev/serial/by-id/usb-board";
// A file is no device: its number is 0:0.
const plugged = { "dev/ttyACM0": "", [path.slice(1)]: "-> ../../ttyACM0", "sys/dev/char/0:0/dev": "0:0\n" };

test("a device that stays is the same device", async () => {
  const root = await fakeRoot(plugged);
  expect(await identifyDevice(path, root)).toBe(await identifyDevice(path, root));
});

test("a name that leads elsewhere is another device", async () => {
  const root = await fakeRoot({ ...plugged, "dev/ttyACM1": "" });
  const before = await identifyDevice(path, root);
  await unlink(join(root, path));
  await symlink("../../ttyACM1", join(root, path));
  expect(await identifyDevice(path, root)).not.toBe(before);
});

test("a node whose device went, or was made anew, is another device, though the node stayed", async () => {
  const root = await fakeRoot(plugged);
  const before = await identifyDevice(path, root);
  // Its inode does not come free, to be that of the one made anew.
  await rename(join(root, "sys/dev/char/0:0"), join(root, "sys/dev/char/went"));
  const gone = await identifyDevice(path, root);
  await mkdir(join(root, "sys/dev/char/0:0"));
  const again = await identifyDevice(path, root);
  expect(new Set([before, gone, again]).size).toBe(3);
});

test("a path that leads nowhere is no device", async () => {
  expect(await identifyDevice(path, await fakeRoot({ [path.slice(1)]: "-> ../../ttyACM0" }))).toBe("");
});

test.each([
  [0x8800, "136:0"],
  [0xa600, "166:0"],
  [0xbc01, "188:1"],
  [0x1088ff, "136:511"],
])("device number %i is %s", (rdev, shown) => {
  expect(formatDeviceNumber(rdev)).toBe(shown);
});

test("the numbers of this machine's devices lead to their entries in /sys", async () => {
  const { rdev } = await stat("/dev/null");
  expect(formatDeviceNumber(rdev)).toBe("1:3");
});
