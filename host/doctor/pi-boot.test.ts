import { afterEach, expect, test } from "vitest";
import { fakeRoot, removeFakeRoots } from "../transports/fake-root.ts";
import { BootConfig, readPiBoot } from "./pi-boot.ts";

afterEach(removeFakeRoots);

const model = { "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.5\0" };
const read = async (files: Record<string, string>) => readPiBoot({ root: await fakeRoot(files) });

test("another machine is none", async () => {
  expect(await read({ "boot/config.txt": "enable_uart=1\n" })).toBeUndefined();
  expect(await read({ "proc/device-tree/model": "Radxa ROCK 4\0" })).toBeUndefined();
});

test("its files lie in /boot/firmware, where that is, and else in /boot", async () => {
  const old = {
    ...model,
    "boot/config.txt": "enable_uart=1\n",
    "boot/cmdline.txt": "console=serial0,115200 root=PARTUUID=x rootwait\n",
  };
  expect(await read(old)).toMatchObject({
    model: "Raspberry Pi 4 Model B Rev 1.5",
    folder: "/boot",
    cmdline: ["console=serial0,115200", "root=PARTUUID=x", "rootwait"],
  });
  const moved = {
    ...old,
    "boot/firmware/config.txt": "",
    "boot/firmware/cmdline.txt": "root=PARTUUID=x\n",
    "proc/cmdline": "console=ttyS0,115200 root=x\n",
  };
  const boot = await read(moved);
  expect(boot).toMatchObject({
    folder: "/boot/firmware",
    cmdline: ["root=PARTUUID=x"],
    runningCmdline: ["console=ttyS0,115200", "root=x"],
  });
  expect(boot?.config.value("enable_uart")).toBe("");
});

const config = (text: string, name = "Raspberry Pi 4 Model B Rev 1.5") => new BootConfig(text, name);

test("the last value of a key counts, remarks do not", () => {
  const text = "enable_uart=0\n#enable_uart=7\nenable_uart=1 # for the board\n";
  expect(config(text).value("enable_uart")).toBe("1");
  expect(config("").value("enable_uart")).toBe("");
});

test.each([
  ["[pi3]\nenable_uart=1", "Raspberry Pi 4 Model B", ""],
  ["[pi4]\nenable_uart=1", "Raspberry Pi 4 Model B", "1"],
  ["[pi5]\nenable_uart=1\n[all]\nother=1", "Raspberry Pi 4 Model B", ""],
  ["[none]\nx=1\n[all]\nenable_uart=1", "Raspberry Pi 5 Model B", "1"],
  ["[pi0w]\nenable_uart=1", "Raspberry Pi Zero W Rev 1.1", "1"],
  ["[pi0]\nenable_uart=1", "Raspberry Pi Zero 2 W Rev 1.0", ""],
  ["[pi02]\nenable_uart=1", "Raspberry Pi Zero 2 W Rev 1.0", "1"],
  ["[cm4]\nenable_uart=1", "Raspberry Pi Compute Module 4 Rev 1.0", "1"],
  ["[pi3+]\nenable_uart=1", "Raspberry Pi 3 Model B Rev 1.2", ""],
  ["[pi3+]\nenable_uart=1", "Raspberry Pi 3 Model B Plus Rev 1.3", "1"],
  ["[EDID=VSC-TD2220]\nenable_uart=1", "Raspberry Pi 4 Model B", ""],
])("%j on a %s: enable_uart %j", (text, name, expected) => {
  expect(config(text, name).value("enable_uart")).toBe(expected);
});

test("overlays and parameters are found with and without values of their own", () => {
  const text = "dtoverlay=vc4-kms-v3d\ndtoverlay=miniuart-bt,krnbt=on\ndtparam=audio=on\ndtparam=uart0\n";
  expect(config(text).hasOverlay("disable-bt", "miniuart-bt")).toBe(true);
  expect(config(text).hasOverlay("disable-bt")).toBe(false);
  expect(config(text).hasParameter("uart0")).toBe(true);
  expect(config("dtparam=uart0=on\ndtparam=uart0=off\n").hasParameter("uart0")).toBe(false);
  expect(config("dtparam=uart01=on\n").hasParameter("uart0")).toBe(false);
});
