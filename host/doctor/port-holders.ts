/** Whether another program has a port that the gateway is to have, or one that grabs every board (users 11). */
import { findHolders, formatHolders, type Holder } from "../transports/holders.ts";
import type { PortInfo } from "../transports/ports.ts";
import { PSEUDO_TERMINALS, releaseCommand } from "../transports/serial-errors.ts";
import { configuredDevices } from "./configured-devices.ts";
import { type Finding, findings } from "./finding.ts";
import { isGateway } from "./gateway-process.ts";
import type { Machine } from "./machine.ts";

/** They take ports that nobody gave them. */
const GRABBERS: readonly string[] = ["ModemManager", "brltty", "agetty", "gpsd"];

const held = findings("held");

export async function checkPortHolders(machine: Machine, ports: readonly PortInfo[]): Promise<Finding[]> {
  const configured = await configuredDevices(machine);
  const all = new Set([...ports.map(({ device }) => device), ...configured]);
  const devices = [...all].filter((device) => !device.startsWith(PSEUDO_TERMINALS));
  const holders = await findHolders((link) => devices.includes(link), machine.root);
  const found = [...holders].map(([device, of]) => judge(device, of, configured.includes(device)));
  return found.filter((finding) => finding !== undefined);
}

/** Any other program may have a port that is none of ours. */
function judge(device: string, holders: readonly Holder[], isConfigured: boolean): Finding | undefined {
  const others = holders.filter((holder) => !isGateway(holder));
  if (others.length === 0) return held.ok(`${device}: the gateway has it`);
  const seen = `${device} is held by ${formatHolders(others)}`;
  const mend = releaseCommand(device, others[0]);
  if (isConfigured) return held.fail(seen, mend);
  return others.some(({ command }) => GRABBERS.includes(command)) ? held.warn(seen, mend) : undefined;
}
