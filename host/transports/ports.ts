/**
 * Which serial ports there are, read from /dev and /sys; SerialPort.list() fails where udevadm is missing
 * (node-serialport#2185).
 */
import { readdir, readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { espruinoLikelihood, type Likelihood } from "./espruino-ids.ts";
import { findHolders, type Holder } from "./holders.ts";
import { findUsbDevice, readAttribute } from "./usb-device.ts";

export interface PortInfo {
  /** The name to configure: it stays through a reboot and, by-id, through another socket. */
  name: string;
  /** The device as the kernel numbers it now: /dev/ttyACM0. */
  device: string;
  /** `0483:5740`, or "" for a port that is not on USB, as are the three below. */
  vidPid: string;
  serialNumber: string;
  manufacturer: string;
  product: string;
  /** The first process that has it open, as far as it can be seen. */
  holder: Holder | undefined;
  espruino: Likelihood;
}

const SERIAL_TTY = /^tty(USB|ACM|AMA)\d+$/;
// The Raspberry Pi's name for the UART on its pins, which may also be ttyS0.
const PI_UART = "serial0";

/** All ports, USB or not, ordered by device; `root` is where `dev`, `sys` and `proc` lie. */
export async function listPorts(root = "/"): Promise<PortInfo[]> {
  const byId = await readAliases(root, "dev/serial/by-id");
  const byPath = await readAliases(root, "dev/serial/by-path");
  const piUart = await readTarget(join(root, "dev", PI_UART));
  const ttys = await listTtys(root, [...byId.keys(), ...byPath.keys(), piUart]);
  const usb = new Map(await Promise.all(ttys.map(async (tty) => [tty, await readUsb(root, tty)] as const)));
  const holders = await findHolders((link) => usb.has(link.replace(/^\/dev\//, "")), root);

  const stableName = (tty: string): string => {
    const id = hasTwin(tty, usb, byId) ? undefined : byId.get(tty);
    return id ?? byPath.get(tty) ?? byId.get(tty) ?? `/dev/${tty === piUart ? PI_UART : tty}`;
  };
  return ttys.map((tty) => {
    const known = usb.get(tty) ?? notUsb;
    return {
      name: stableName(tty),
      device: `/dev/${tty}`,
      ...known,
      holder: holders.get(`/dev/${tty}`)?.[0],
      espruino: espruinoLikelihood(known.vidPid, `${known.manufacturer} ${known.product}`),
    };
  });
}

/** tty → the alias in /dev/serial that leads to it. */
async function readAliases(root: string, directory: string): Promise<Map<string, string>> {
  const names = (await readdir(join(root, directory)).catch(() => [])).sort().reverse(); // the first name shall win: usb- before usbv2-
  const pairs = names.map(
    async (name) => [await readTarget(join(root, directory, name)), `/${directory}/${name}`] as const,
  );
  return new Map(await Promise.all(pairs));
}

/** The last part of where a link leads, "" if it is none. */
async function readTarget(link: string): Promise<string> {
  return basename(await readlink(link).catch(() => ""));
}

/** Those in /dev only: an alias may outlive its device in a container. */
async function listTtys(root: string, aliased: string[]): Promise<string[]> {
  const names = await readdir(join(root, "dev")).catch(() => []);
  const byNumber = new Intl.Collator("en", { numeric: true });
  return names.filter((name) => SERIAL_TTY.test(name) || aliased.includes(name)).sort(byNumber.compare);
}

type UsbTexts = Pick<PortInfo, "vidPid" | "serialNumber" | "manufacturer" | "product">;
const notUsb: UsbTexts = { vidPid: "", serialNumber: "", manufacturer: "", product: "" };

async function readUsb(root: string, tty: string): Promise<UsbTexts> {
  const device = await findUsbDevice(root, tty);
  if (device === "") return notUsb;
  const names = ["idVendor", "idProduct", "serial", "manufacturer", "product"];
  const [vendor, id, serialNumber, manufacturer, product] = await Promise.all(
    names.map((name) => readAttribute(device, name)),
  );
  return { vidPid: `${vendor}:${id}`, serialNumber, manufacturer, product };
}

/** Two sticks of one kind and serial number share one by-id name, which then leads to the last one plugged. */
function hasTwin(tty: string, usb: Map<string, UsbTexts>, byId: Map<string, string>): boolean {
  const mine = usb.get(tty) ?? notUsb;
  return [...usb].some(
    ([other, { vidPid, serialNumber }]) =>
      other !== tty &&
      vidPid !== "" &&
      vidPid === mine.vidPid &&
      serialNumber === mine.serialNumber &&
      !byId.has(other),
  );
}
