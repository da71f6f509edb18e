/** Why a serial port did not open, in words that say what to do. */
import { readFile, realpath, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { findHolders, formatHolders, type Holder } from "./holders.ts";

/** The group that Debian and Raspberry Pi OS give serial ports to. */
export const SERIAL_GROUP = "dialout";
/** Their other side is held by whoever made them, which shares nothing. */
export const PSEUDO_TERMINALS = "/dev/pts/";

// serialport hands over the text of strerror() without a code. A node that outlived its device (in a container) gives the
// "No such device" texts.
const causes: readonly [RegExp, (path: string) => Promise<BowlineError>][] = [
  [/No such file|No such device|ENOENT|ENXIO|ENODEV/, notFound],
  [/Permission denied|Operation not permitted|EACCES|EPERM/, noPermission],
  [/Cannot lock port|Device or resource busy|EBUSY/, busy],
];

/** The error for a person; codes SERIAL_NOT_FOUND, SERIAL_PERMISSION, SERIAL_BUSY, SERIAL_OPEN_FAILED. */
export async function serialOpenError(path: string, cause: Error): Promise<BowlineError> {
  const known = causes.find(([text]) => text.test(cause.message));
  if (known) return known[1](path);
  const text = `open serial port ${path}: ${cause.message}; it must be a serial port`;
  return new BowlineError("SERIAL_OPEN_FAILED", text, ExitCode.failure, "bowline ports");
}

/** serialport's native part did not load. */
export function serialUnavailable(cause: unknown): BowlineError {
  const seen = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
  const text = `load serialport: ${seen}; boards on cables need it, boards on the network do not`;
  return new BowlineError("SERIAL_UNAVAILABLE", text, ExitCode.failure, "bowline doctor");
}

/** Rejects with SERIAL_BUSY when another process has the device open, locked or not: two readers get half the bytes each. */
export async function refuseShared(path: string, root = "/"): Promise<void> {
  const device = await realDevice(path, root);
  if (device.startsWith(PSEUDO_TERMINALS)) return;
  const holders = await holdersOf(device, root);
  const others = holders.filter(({ pid }) => pid !== process.pid);
  if (others.length > 0) throw heldBy(path, device, others);
}

async function notFound(path: string): Promise<BowlineError> {
  const isStale = await stat(path).then(
    () => true,
    () => false,
  );
  const seen = isStale
    ? "its node is there, the device is not; a container keeps nodes of devices that have gone: mount /dev/serial and /dev of the host"
    : "no such device; is the board plugged in?";
  const text = `open serial port ${path}: ${seen}`;
  return new BowlineError("SERIAL_NOT_FOUND", text, ExitCode.notFound, "bowline ports");
}

async function noPermission(path: string): Promise<BowlineError> {
  const group = await ownerGroup(path);
  // A node that belongs to root alone has escaped the udev rules: joining group root mends nothing.
  const joined = group.id === 0 ? SERIAL_GROUP : group.name;
  const text =
    `open serial port ${path}: permission denied; it belongs to group ${group.name}. ` +
    `Join ${joined}, then log in again (in a container: group_add: ["${group.id}"])`;
  return new BowlineError("SERIAL_PERMISSION", text, ExitCode.permission, `sudo usermod -aG ${joined} $USER`);
}

async function busy(path: string): Promise<BowlineError> {
  const device = await realDevice(path, "/");
  return heldBy(path, device, await holdersOf(device, "/"));
}

function heldBy(path: string, device: string, holders: readonly Holder[]): BowlineError {
  const seen = holders.length > 0 ? formatHolders(holders) : "a process of another user";
  const text = `open serial port ${path}: held by ${seen}; one program at a time may have it`;
  return new BowlineError("SERIAL_BUSY", text, ExitCode.busy, releaseCommand(device, holders[0]));
}

async function holdersOf(device: string, root: string): Promise<Holder[]> {
  return (await findHolders((link) => link === device, root)).get(device) ?? [];
}

/** What /proc calls it. */
async function realDevice(path: string, root: string): Promise<string> {
  const found = await realpath(join(root, path)).catch(() => "");
  return found === "" ? path : join("/", relative(root, found));
}

/** What ends a holder. The usual ones are services, which would start again after a kill. */
export function releaseCommand(device: string, holder: Holder | undefined): string {
  if (holder === undefined) return `sudo fuser -v ${device}`;
  if (holder.command === "ModemManager") return "sudo systemctl disable --now ModemManager";
  if (holder.pid === process.pid) return "name the port only once under serial: in bowline.yaml";
  const tty = device.slice("/dev/".length);
  if (holder.command === "agetty") return `sudo systemctl disable --now serial-getty@${tty}`;
  if (holder.command === "brltty") return "sudo systemctl disable --now brltty";
  return `kill ${holder.pid}`;
}

async function ownerGroup(path: string): Promise<{ id: number; name: string }> {
  const id = await stat(path).then(
    (found) => found.gid,
    () => undefined,
  );
  const groups = await readFile("/etc/group", "utf8").catch(() => "");
  const line = groups.split("\n").find((one) => one.split(":")[2] === String(id));
  return { id: id ?? 0, name: line?.split(":")[0] ?? SERIAL_GROUP };
}
