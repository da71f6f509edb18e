/** The USB device that a serial port belongs to, found in /sys. */
import { readFile, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

// From the tty up: USB port of the driver, interface, device.
const MAX_LEVELS_TO_USB = 4;

/** Its folder, whose last part is its place on the bus (`1-1.2`); "" for a port that is not on USB. */
export async function findUsbDevice(root: string, tty: string): Promise<string> {
  let directory = await realpath(join(root, "sys/class/tty", tty, "device")).catch(() => "");
  for (let level = 0; level < MAX_LEVELS_TO_USB && directory !== ""; level++) {
    if ((await readAttribute(directory, "idVendor")) !== "") return directory;
    directory = dirname(directory);
  }
  return "";
}

/** One line of sysfs; "" where there is none. */
export async function readAttribute(directory: string, name: string): Promise<string> {
  return (await readFile(join(directory, name), "utf8").catch(() => "")).trim();
}

/** The kernel's name of the port that `path` leads to: `ttyACM0`; "" for none. */
export async function ttyOf(path: string, root = "/"): Promise<string> {
  return basename(await realpath(join(root, path)).catch(() => ""));
}
