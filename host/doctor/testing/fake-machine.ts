/** A machine that a test prepares: its files as a tree, and what no file tells as it says. */
import { configSchema } from "../../config/schema.ts";
import { settle } from "../../config/settle.ts";
import { fakeRoot } from "../../transports/fake-root.ts";
import type { Finding } from "../finding.ts";
import { lookAt, type Machine, type Node } from "../machine.ts";

interface FakeMachine extends Partial<Omit<Machine, "root" | "config">> {
  files?: Record<string, string>;
  /** As in bowline.yaml. */
  config?: object;
  /** What the tests cannot make without root: owners, permissions, devices. */
  nodes?: Record<string, Partial<Node>>;
  /** Paths that the user may not read or write; with `/` at its end all that is below. */
  forbidden?: string[];
}

const MiB = 1 << 20;

/** Everything is as it should be, unless said otherwise. */
export async function fakeMachine(fake: FakeMachine = {}): Promise<Machine> {
  const { files = {}, config = {}, nodes = {}, forbidden = [], ...rest } = fake;
  const root = await fakeRoot(files);
  const where = { cwd: "/home/pi/bowline", home: "/home/pi", folder: "/home/pi/bowline", hostname: "pi" };
  const may = async (path: string) =>
    !forbidden.some((one) => one === path || (one.endsWith("/") && path.startsWith(one)));
  return {
    root,
    platform: "linux",
    nodeVersion: "22.11.0",
    wallMs: Date.UTC(2026, 10, 26),
    user: { name: "pi", uid: 1000, groups: [1000, 20] },
    config: settle(configSchema.parse(config), new Map(), where),
    configFault: null,
    load: async () => ({}),
    packageFolder: (name) => `/home/pi/bowline/node_modules/${name}`,
    async look(path) {
      const found = await lookAt(`${root}${path}`);
      const told = nodes[path];
      if (told === undefined) return found;
      return { uid: 0, gid: 20, mode: 0o660, rdev: 0, isFolder: false, ...told };
    },
    mayRead: may,
    mayWrite: may,
    space: async () => ({ freeBytes: 10_000 * MiB, type: 0xef53 }),
    ...rest,
  };
}

/** Findings as a person reads them: `warn seen`, and below it what repairs it. */
export function told(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ level, seen, mend }) => [
    `${level} ${seen}`,
    ...mend.split("\n").flatMap((line) => (line === "" ? [] : [`-> ${line}`])),
  ]);
}

/** A board on USB with its port, as the kernel and udev lay it out. */
export function usbBoard(tty: string, place: string, vidPid: string): Record<string, string> {
  const owner = `${usbPlace(place)}/${place}:1.0`;
  return {
    ...portlessBoard(place, vidPid),
    [`dev/${tty}`]: "",
    [`dev/serial/by-id/${byId(vidPid)}`]: `-> ../../${tty}`,
    [`${owner}/tty/${tty}/dev`]: tty.startsWith("ttyUSB") ? "188:0\n" : "166:0\n",
    [`${owner}/tty/${tty}/device`]: "-> ../..",
    [`sys/class/tty/${tty}`]: `-> ../../../${owner}/tty/${tty}`,
    "run/udev/control": "",
  };
}

/** One that the kernel has no driver for. */
export function portlessBoard(place: string, vidPid: string): Record<string, string> {
  const [vid, pid] = vidPid.split(":");
  return {
    [`${usbPlace(place)}/idVendor`]: `${vid}\n`,
    [`${usbPlace(place)}/idProduct`]: `${pid}\n`,
    [`sys/bus/usb/devices/${place}`]: `-> ../../../../${usbPlace(place)}`,
  };
}

/** Its name under /dev/serial/by-id. */
export const byId = (vidPid: string) => `usb-${vidPid.replace(":", "_")}-if00`;

const usbPlace = (place: string) => `sys/devices/usb1/${place}`;
