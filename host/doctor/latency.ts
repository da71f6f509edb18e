/** Whether FTDI adapters may be told to hand bytes over at once instead of after 16 ms (users 20). */
import { basename } from "node:path";
import type { PortInfo } from "../transports/ports.ts";
import { readText } from "./files.ts";
import { type Finding, findings } from "./finding.ts";
import type { Machine } from "./machine.ts";

const BEST_MS = 1;
const RULE = 'ACTION=="add", SUBSYSTEM=="usb-serial", DRIVER=="ftdi_sio", ATTR{latency_timer}="1"';

const latency = findings("latency");

export async function checkLatency(machine: Machine, ports: readonly PortInfo[]): Promise<Finding[]> {
  const found = await Promise.all(ports.map((port) => checkPort(machine, port)));
  return found.filter((finding) => finding !== undefined);
}

/** undefined for a port that has no such timer. */
async function checkPort(machine: Machine, { device }: PortInfo): Promise<Finding | undefined> {
  const timer = `/sys/bus/usb-serial/devices/${basename(device)}/latency_timer`;
  const ms = (await readText(machine, timer)).trim();
  if (ms === "") return undefined;
  if (Number(ms) <= BEST_MS) return latency.ok(`${device} hands bytes over after ${ms} ms`);
  if (await machine.mayWrite(timer))
    return latency.ok(`${device} holds bytes for ${ms} ms until the gateway opens it`);
  return latency.warn(
    `${device} holds bytes back for up to ${ms} ms, and ${machine.user.name} may not lower that`,
    `echo '${RULE}' | sudo tee /etc/udev/rules.d/99-bowline-latency.rules`,
    "sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=usb-serial --action=add",
  );
}
