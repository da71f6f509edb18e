import { readFile, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { ExitCode } from "../platform/errors.ts";
import { fakeRoot, removeFakeRoots } from "./fake-root.ts";
import { rebindUsb } from "./usb-rebind.ts";

afterEach(removeFakeRoots);

const byId = "/dev/serial/by-id/usb-Espruino_Pico_30003B-if00";
const driver = "sys/bus/usb/drivers/usb";
const device = "sys/devices/usb1/1-1/1-1.2";
const board = {
  "dev/ttyACM0": "",
  [byId.slice(1)]: "-> ../../ttyACM0",
  [`${device}/idVendor`]: "0483\n",
  [`${device}/1-1.2:1.0/tty/ttyACM0/device`]: "-> ../..",
  "sys/class/tty/ttyACM0": `-> ../../../${device}/1-1.2:1.0/tty/ttyACM0`,
};

test("the device of the port, not its interface, is taken from its driver and given back", async () => {
  const root = await fakeRoot({ ...board, [`${driver}/unbind`]: "", [`${driver}/bind`]: "" });
  await rebindUsb(byId, root);
  expect(await readFile(join(root, driver, "unbind"), "utf8")).toBe("1-1.2");
  expect(await readFile(join(root, driver, "bind"), "utf8")).toBe("1-1.2");
});

test("the name is waited for, as the kernel and udev make it anew", async () => {
  const root = await fakeRoot({ ...board, [`${driver}/unbind`]: "", [`${driver}/bind`]: "" });
  let isBack = false;
  const rebound = rebindUsb(byId, root).then(() => isBack);
  while ((await readFile(join(root, driver, "unbind"), "utf8")) === "") await new Promise(setImmediate);
  await unlink(join(root, byId));
  while ((await readFile(join(root, driver, "bind"), "utf8")) === "") await new Promise(setImmediate);
  isBack = true;
  await symlink("../../ttyACM0", join(root, byId));
  expect(await rebound).toBe(true);
});

test("a gateway that stops meanwhile still gives the device back", async () => {
  const root = await fakeRoot({ ...board, [`${driver}/unbind`]: "", [`${driver}/bind`]: "" });
  await rebindUsb(byId, root, AbortSignal.abort());
  expect(await readFile(join(root, driver, "bind"), "utf8")).toBe("1-1.2");
});

test("a port that is not on USB is USB_REBIND_IMPOSSIBLE, and says which setting to change", async () => {
  const root = await fakeRoot({ "dev/ttyAMA0": "" });
  const refused = rebindUsb("/dev/ttyAMA0", root);
  await expect(refused).rejects.toMatchObject({ code: "USB_REBIND_IMPOSSIBLE", exitCode: ExitCode.notFound });
  await expect(refused).rejects.toThrow("set rebindWhenSilent: false");
});

test("where sysfs cannot be written it is USB_REBIND_FAILED, and says what it takes", async () => {
  const root = await fakeRoot({ ...board, [`${driver}/unbind/is-a-folder`]: "" });
  const refused = rebindUsb(byId, root);
  await expect(refused).rejects.toMatchObject({ code: "USB_REBIND_FAILED" });
  await expect(refused).rejects.toThrow(
    "unbind USB device 1-1.2: EISDIR; it takes write permission on /sys/bus/usb/drivers/usb/bind and unbind, root's by default",
  );
});
