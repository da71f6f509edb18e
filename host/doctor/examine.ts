/** All checks of the machine, in the order in which they are told. */
import { listPorts, type PortInfo } from "../transports/ports.ts";
import { checkBrltty } from "./brltty.ts";
import { checkClock } from "./clock.ts";
import { checkConfiguration } from "./configuration.ts";
import { checkDataFolder } from "./data-folder.ts";
import { checkDeviceNodes } from "./device-nodes.ts";
import { type Finding, findings } from "./finding.ts";
import { checkLatency } from "./latency.ts";
import { checkListenPorts } from "./listen-ports.ts";
import type { Machine } from "./machine.ts";
import { checkModemManager } from "./modem-manager.ts";
import { checkNativeParts } from "./native-parts.ts";
import { checkNode } from "./node-version.ts";
import { checkPiUart } from "./pi-uart.ts";
import { checkPortAccess } from "./port-access.ts";
import { checkPortHolders } from "./port-holders.ts";
import { checkServiceUnit } from "./service-unit.ts";
import { checkSimulatedBoards } from "./simulated-boards.ts";
import { checkStableNames } from "./stable-names.ts";
import { checkUsbDrivers } from "./usb-drivers.ts";
import { checkUsbRebind } from "./usb-rebind.ts";

type Check = (machine: Machine, ports: readonly PortInfo[]) => Promise<Finding[]>;

type Checks = Readonly<Record<string, Check>>;

const everywhere: Checks = {
  node: checkNode,
  native: checkNativeParts,
  data: checkDataFolder,
  config: checkConfiguration,
};

/** What /proc, /sys and udev tell, which other systems do not have. */
const onLinux: Checks = {
  script: checkSimulatedBoards,
  clock: checkClock,
  listen: checkListenPorts,
  access: checkPortAccess,
  held: checkPortHolders,
  udev: checkStableNames,
  nodes: checkDeviceNodes,
  usb: checkUsbDrivers,
  modemmanager: checkModemManager,
  brltty: checkBrltty,
  latency: checkLatency,
  rebind: checkUsbRebind,
  uart: checkPiUart,
  service: checkServiceUnit,
};

export interface Examination {
  findings: Finding[];
  ports: PortInfo[];
}

/** Never rejects for what a machine may be like: a check that breaks is a finding, and the others are made. */
export async function examine(machine: Machine): Promise<Examination> {
  const ports = await listPorts(machine.root);
  const checks = machine.platform === "linux" ? { ...everywhere, ...onLinux } : everywhere;
  const found: Finding[] = [];
  for (const [name, check] of Object.entries(checks))
    found.push(...(await attempt(name, () => check(machine, ports))));
  return { findings: found, ports };
}

async function attempt(name: string, check: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await check();
  } catch (error) {
    const seen = `the check ${name} could not be made: ${error instanceof Error ? error.message : String(error)}`;
    return [findings(name).warn(seen, "report it, with this line and the kind of machine")];
  }
}
