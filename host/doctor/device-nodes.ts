/** Whether the nodes in /dev stand for the devices that the kernel has: in a container they may not (users 21). */
import { formatDeviceNumber } from "../transports/device-identity.ts";
import { isThere, readFolder, readText } from "./files.ts";
import { type Finding, findings } from "./finding.ts";
import { isContainer } from "./is-container.ts";
import type { Machine } from "./machine.ts";

const ON_USB = /^tty(USB|ACM)\d+$/;
const UART = /^ttyAMA\d+$/;
/** The kernel's numbers for ttyUSB and ttyACM. */
const USB_MAJORS = [188, 166];
/** Of ttyAMA, the UART of a Pi: it is there from the start, or never. */
const UART_MAJOR = 204;
/** What a container is to be allowed; packaging/compose.yaml has the same. */
export const deviceRules: readonly string[] = [...USB_MAJORS, UART_MAJOR].map((major) => `c ${major}:* rmw`);
const OPTIONS = `-v /dev:/dev ${deviceRules.map((rule) => `--device-cgroup-rule='${rule}'`).join(" ")} --group-add dialout`;
/** Where cgroups are of the first version, it lists what is allowed; later ones show it to nobody. */
const ALLOWED = "sys/fs/cgroup/devices/devices.list";

const nodes = findings("nodes");

export async function checkDeviceNodes(machine: Machine): Promise<Finding[]> {
  const known = (await readFolder(machine, "sys/class/tty")).filter((name) => ON_USB.test(name));
  const there = (await readFolder(machine, "dev")).filter((name) => ON_USB.test(name));
  const stale = [];
  for (const name of there) if (await isStale(machine, name)) stale.push(`/dev/${name}`);
  const missing = known.filter((name) => !there.includes(name)).map((name) => `/dev/${name}`);
  const found: Finding[] = [];
  if (stale.length > 0)
    found.push(
      nodes.fail(
        `${stale.join(", ")}: the node has outlived its device, or stands for another`,
        ...(await renew(machine, stale)),
      ),
    );
  if (missing.length > 0) found.push(await nodeless(machine, missing));
  if (await isContainer(machine)) found.push(...(await checkRules(machine)));
  return found;
}

/** A link is a name for another node, as udev makes it; a file is none at all. */
async function isStale(machine: Machine, name: string): Promise<boolean> {
  const node = await machine.look(`/dev/${name}`);
  if (node === undefined || node.rdev === 0) return false;
  const number = (await readText(machine, `sys/class/tty/${name}/dev`)).trim();
  return number !== formatDeviceNumber(node.rdev);
}

async function renew(machine: Machine, stale: readonly string[]): Promise<string[]> {
  if (await isContainer(machine)) return [`docker run ${OPTIONS} …`];
  return [`sudo rm ${stale.join(" ")} && sudo udevadm trigger --subsystem-match=tty --action=add`];
}

async function nodeless(machine: Machine, missing: readonly string[]): Promise<Finding> {
  if (await isContainer(machine))
    return nodes.warn(
      `${missing.join(", ")}: on this machine, and not in this container`,
      `docker run ${OPTIONS} …`,
    );
  return nodes.fail(
    `${missing.join(", ")}: the kernel has it, and /dev has not`,
    "sudo udevadm trigger --subsystem-match=tty --action=add",
  );
}

async function checkRules(machine: Machine): Promise<Finding[]> {
  const list = await readText(machine, ALLOWED);
  if (!(await isThere(machine, ALLOWED)) || list === "") return [];
  const allowed = list.split("\n");
  const isLacking = (major: number) => !allowed.some((line) => allows(line, major));
  const found: Finding[] = [];
  const lacking = USB_MAJORS.filter(isLacking);
  if (lacking.length > 0) {
    const seen = `this container may not open boards that are plugged in later (c ${lacking.join(":*, c ")}:*)`;
    found.push(nodes.warn(seen, `docker run ${OPTIONS} …`));
  } else found.push(nodes.ok("boards that are plugged in later may be opened in this container"));
  const uarts = (await readFolder(machine, "sys/class/tty")).filter((name) => UART.test(name));
  if (uarts.length > 0 && isLacking(UART_MAJOR)) {
    const seen = `this container may not open ${uarts.map((name) => `/dev/${name}`).join(", ")} (c ${UART_MAJOR}:*)`;
    found.push(nodes.warn(seen, `docker run ${OPTIONS} …`));
  }
  return found;
}

/** Of `a *:* rwm`, `c 188:* rwm`, `c *:* m`. */
function allows(line: string, major: number): boolean {
  const [, kind, number, access = ""] = /^([abc]) (\*|\d+):\* ([rwm]+)$/.exec(line.trim()) ?? [];
  const isKind = kind === "a" || kind === "c";
  return (
    isKind && (number === "*" || number === String(major)) && access.includes("r") && access.includes("w")
  );
}
