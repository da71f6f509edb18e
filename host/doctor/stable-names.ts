/** Whether boards on USB get names that stay: udev makes them, which a container or a small system may lack (users 1). */
import type { PortInfo } from "../transports/ports.ts";
import { isThere } from "./files.ts";
import { type Finding, findings } from "./finding.ts";
import { isContainer } from "./is-container.ts";
import type { Machine } from "./machine.ts";

/** Made by udev when it runs. */
const UDEV = "run/udev";
const STABLE = /^\/dev\/serial\/by-(id|path)\//;

const udev = findings("udev");

export async function checkStableNames(machine: Machine, ports: readonly PortInfo[]): Promise<Finding[]> {
  const onUsb = ports.filter(({ vidPid }) => vidPid !== "");
  const nameless = onUsb.filter(({ name }) => !STABLE.test(name)).map(({ device }) => device);
  const runs = await isThere(machine, UDEV);
  if (nameless.length === 0 && (runs || onUsb.length > 0))
    return [udev.ok("udev gives ports names that stay")];
  const seen =
    nameless.length > 0
      ? `${nameless.join(", ")}: no name under /dev/serial that stays`
      : "no udev: boards that are plugged in will get no name that stays";
  return [udev.warn(seen, ...(await mend(machine, runs)))];
}

async function mend(machine: Machine, runs: boolean): Promise<string[]> {
  if (await isContainer(machine))
    return ['docker run -v /dev:/dev …, or in compose.yaml volumes: ["/dev:/dev"]'];
  if (!runs)
    return ["sudo apt-get install udev && sudo systemctl restart systemd-udevd && sudo udevadm trigger"];
  return ["sudo udevadm trigger --subsystem-match=tty --action=add"];
}
