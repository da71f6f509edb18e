/** Takes a USB device from its driver and gives it back, which is as near to replugging as software comes (users 8). */
import { access, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { findUsbDevice, ttyOf } from "./usb-device.ts";

const DRIVER = "/sys/bus/usb/drivers/usb";
/** The device stays away for so long: some need a moment to notice. */
const UNBOUND_MS = 500;
/** Enumeration and udev's names take 0.2 to 1 s; who is not back by then is waited for like one that was pulled. */
const RETURN_MS = 3000;
const LOOK_MS = 50;

/**
 * Rebinds the device that `path` leads to, every port of it, and waits for the path to come back.
 * Rejects with USB_REBIND_IMPOSSIBLE (not on USB) or USB_REBIND_FAILED.
 */
export async function rebindUsb(path: string, root = "/", signal?: AbortSignal): Promise<void> {
  const device = await findUsbDevice(root, await ttyOf(path, root));
  if (device === "") {
    const text = `rebind USB of ${path}: the port is not on USB; set rebindWhenSilent: false`;
    throw new BowlineError("USB_REBIND_IMPOSSIBLE", text, ExitCode.notFound);
  }
  const place = basename(device);
  await hand(root, "unbind", place);
  try {
    await pause(UNBOUND_MS, signal);
  } finally {
    await hand(root, "bind", place); // also when stopped: a device without driver would be gone for everyone
  }
  for (let waited = 0; waited < RETURN_MS && !signal?.aborted; waited += LOOK_MS) {
    if (await isThere(join(root, path))) return;
    await pause(LOOK_MS, signal);
  }
}

async function hand(root: string, action: "bind" | "unbind", place: string): Promise<void> {
  const file = `${DRIVER}/${action}`;
  try {
    await writeFile(join(root, file), place, { flag: "r+" }); // never made: it is sysfs or nothing
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const isForbidden = code === "EACCES" || code === "EPERM" || code === "EROFS";
    const exitCode = isForbidden ? ExitCode.permission : ExitCode.failure;
    const allowed = `it takes write permission on ${DRIVER}/bind and unbind, root's by default`;
    throw new BowlineError(
      "USB_REBIND_FAILED",
      `${action} USB device ${place}: ${code}; ${allowed}`,
      exitCode,
    );
  }
}

/** Ends early, and well, when stopped. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
