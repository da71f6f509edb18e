/** Whether every board on USB has become a serial port: without the kernel's driver there is none. */
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { boardWith } from "../transports/espruino-ids.ts";
import { findUsbDevice, readAttribute } from "../transports/usb-device.ts";
import { BRIDGES } from "./brltty.ts";
import { isRunning, isThere, readFolder, readText } from "./files.ts";
import { type Finding, findings } from "./finding.ts";
import { isContainer } from "./is-container.ts";
import type { Machine } from "./machine.ts";

const DEVICES = "sys/bus/usb/devices";
/** An STM32 whose button was held while it was plugged in. */
const BOOT_LOADER = "0483:df11";
/** Bridges have drivers of their own; a board that speaks USB itself is a modem (CDC ACM) to the kernel. */
const drivers: Readonly<Record<string, string>> = {
  "10c4:ea60": "cp210x",
  "1a86:7523": "ch341",
  "0403:6001": "ftdi_sio",
  "0403:6015": "ftdi_sio",
};

const usb = findings("usb");

export async function checkUsbDrivers(machine: Machine): Promise<Finding[]> {
  const withPort = await devicesWithPort(machine);
  const found: Finding[] = [];
  for (const { place, vidPid } of await readUsbDevices(machine)) {
    if (vidPid === BOOT_LOADER)
      found.push(
        usb.warn(
          `${vidPid} is a board in its boot loader`,
          "unplug it, and plug it in again without its button held",
        ),
      );
    else if (boardWith(vidPid) !== undefined && !withPort.has(place))
      found.push(await portless(machine, vidPid));
  }
  return found;
}

async function portless(machine: Machine, vidPid: string): Promise<Finding> {
  const seen = `${vidPid} (${boardWith(vidPid)}) is plugged in and has no port`;
  if (BRIDGES.includes(vidPid) && (await isRunning(machine, "brltty")))
    return usb.fail(
      `${seen}: brltty has it`,
      "sudo systemctl disable --now brltty brltty-udev",
      "sudo apt-get remove brltty, if nobody here reads Braille",
    );
  if (await isContainer(machine))
    return usb.warn(`${seen} here`, "look on the machine around this container: ls /dev/serial/by-id");
  const release = (await readText(machine, "proc/sys/kernel/osrelease")).trim();
  if (release !== "" && !(await hasModules(machine, release)))
    return usb.fail(
      `${seen}: the kernel that runs (${release}) was replaced, its drivers are gone`,
      "sudo reboot",
    );
  const driver = drivers[vidPid] ?? "cdc_acm";
  if (await isThere(machine, `sys/bus/usb/drivers/${driver}`))
    return usb.warn(`${seen}: its driver ${driver} does not have it`, "unplug it, and plug it in again");
  return usb.fail(`${seen}: its driver ${driver} is not loaded`, `sudo modprobe ${driver}`);
}

async function hasModules(machine: Machine, release: string): Promise<boolean> {
  const places = ["lib", "usr/lib"].map((place) => `${place}/modules/${release}`);
  return (await Promise.all(places.map((place) => isThere(machine, place)))).includes(true);
}

async function readUsbDevices(machine: Machine): Promise<{ place: string; vidPid: string }[]> {
  const names = await readFolder(machine, DEVICES);
  const devices = names.map(async (name) => {
    // One that is unplugged just now leads nowhere.
    const place = await realpath(join(machine.root, DEVICES, name)).catch(() => "");
    const [vid, pid] = await Promise.all(["idVendor", "idProduct"].map((id) => readAttribute(place, id)));
    return { place, vidPid: `${vid}:${pid}` };
  });
  return Promise.all(devices);
}

async function devicesWithPort({ root }: Machine): Promise<Set<string>> {
  const ttys = await readFolder({ root }, "sys/class/tty");
  return new Set(await Promise.all(ttys.map((tty) => findUsbDevice(root, tty))));
}
