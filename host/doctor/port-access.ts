/** Whether the user may open the serial ports, and if not, by which group he could (users 10). */
import type { PortInfo } from "../transports/ports.ts";
import { SERIAL_GROUP } from "../transports/serial-errors.ts";
import { configuredDevices } from "./configured-devices.ts";
import { type Finding, findings } from "./finding.ts";
import { type Group, readGroups } from "./groups.ts";
import { isContainer } from "./is-container.ts";
import type { Machine, Node } from "./machine.ts";

const access = findings("access");

export async function checkPortAccess(machine: Machine, ports: readonly PortInfo[]): Promise<Finding[]> {
  const { user } = machine;
  if (user.uid === 0) return [access.ok("root may use every port; check as the user who runs the gateway")];
  // A UART that nobody has configured may belong to the login console, or to a Bluetooth chip.
  const onUsb = ports.filter(({ vidPid }) => vidPid !== "").map(({ device }) => device);
  const devices = new Set([...onUsb, ...(await configuredDevices(machine))]);
  if (devices.size === 0) return foresee(machine);
  const refused = [];
  for (const device of devices) {
    if (!(await machine.mayRead(device)) || !(await machine.mayWrite(device))) refused.push(device);
  }
  if (refused.length === 0) return [access.ok(`${user.name} may use every port`)];
  return explainAll(machine, refused);
}

/** No port is there to be tried: what will a board belong to? */
async function foresee(machine: Machine): Promise<Finding[]> {
  const group = (await readGroups(machine)).find(({ name }) => name === SERIAL_GROUP);
  if (group === undefined) return [];
  if (machine.user.groups.includes(group.id))
    return [access.ok(`${machine.user.name} is in group ${group.name}`)];
  const { seen, mend } = await notInGroup(machine, group);
  return [access.warn(`${seen}, which serial ports belong to`, ...mend)];
}

/** Ports that are refused for the same reason are told of together. */
async function explainAll(machine: Machine, devices: readonly string[]): Promise<Finding[]> {
  const groups = await readGroups(machine);
  const reasons = new Map<string, { devices: string[]; mend: string[] }>();
  for (const device of devices) {
    const { seen, mend } = await explain(machine, device, groups);
    const known = reasons.get(seen) ?? { devices: [], mend: [] };
    known.devices.push(device);
    known.mend.push(...mend.filter((line) => !known.mend.includes(line)));
    reasons.set(seen, known);
  }
  return [...reasons].map(([seen, { devices, mend }]) =>
    access.fail(`${devices.join(", ")}: ${seen}`, ...mend),
  );
}

interface Reason {
  seen: string;
  mend: string[];
}

const READ_WRITE = 0o060;

async function explain(machine: Machine, device: string, groups: readonly Group[]): Promise<Reason> {
  const node = await machine.look(device);
  if (node === undefined) return { seen: "it has just gone", mend: ["bowline ports"] };
  const group = groups.find(({ id }) => id === node.gid) ?? { name: "", id: node.gid, members: [] };
  if (group.id === 0) return rootsAlone(machine, device);
  if ((node.mode & READ_WRITE) !== READ_WRITE) return notTheGroups(device, node, group);
  if (machine.user.groups.includes(group.id))
    return {
      seen: `refused, although ${machine.user.name} is in its group ${nameOf(group)}`,
      mend: [`ls -l ${device}; getfacl ${device}`],
    };
  return notInGroup(machine, group);
}

/** The login console takes its port for itself: owner root, group tty, mode 0620. */
function notTheGroups(device: string, { mode }: Node, group: Group): Reason {
  const tty = device.slice("/dev/".length);
  if (group.name === "tty")
    return { seen: "it is the login console's", mend: [`sudo systemctl disable --now serial-getty@${tty}`] };
  const seen = `group ${nameOf(group)} may not read and write it (mode ${mode.toString(8).padStart(3, "0")})`;
  return { seen, mend: [`sudo chmod g+rw ${device}`] };
}

async function rootsAlone(machine: Machine, device: string): Promise<Reason> {
  const seen = "it belongs to root alone: no udev rule has come to it";
  if (await isContainer(machine)) {
    const mend = `on the machine around this container: sudo chgrp ${SERIAL_GROUP} ${device} && sudo chmod g+rw ${device}`;
    return { seen, mend: [mend] };
  }
  return {
    seen,
    mend: [
      "sudo udevadm trigger --subsystem-match=tty --action=add",
      `sudo chgrp ${SERIAL_GROUP} ${device} && sudo chmod g+rw ${device}`,
    ],
  };
}

/** A session has the groups of its beginning: who was put into one since then must log in again. */
async function notInGroup(machine: Machine, group: Group): Promise<Reason> {
  const { name } = machine.user;
  if (group.name === "" || (await isContainer(machine)))
    return {
      seen: `user ${name} of this container is not in group ${nameOf(group)}`,
      mend: [`docker run --group-add ${group.id} …, or in compose.yaml group_add: ["${group.id}"]`],
    };
  if (group.members.includes(name))
    return {
      seen: `user ${name} is in group ${group.name}, but not yet in this session`,
      mend: ["log out and in again (a service: restart it), or for this terminal:", `newgrp ${group.name}`],
    };
  return {
    seen: `user ${name} is not in group ${group.name}`,
    mend: [`sudo usermod -aG ${group.name} ${name} && newgrp ${group.name}`],
  };
}

const nameOf = ({ name, id }: Group) => name || String(id);
