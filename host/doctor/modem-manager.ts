/** Whether ModemManager, which takes a board for a modem and talks to it, is told to leave ours alone (users 11). */
import type { PortInfo } from "../transports/ports.ts";
import { isRunning, isThere } from "./files.ts";
import { type Finding, findings } from "./finding.ts";
import type { Machine } from "./machine.ts";
import { namesUsbDevice, readUdevRules, type UdevRule } from "./udev-rules.ts";

/** Where systemd has it that a service begins with the machine. */
const ENABLED = "etc/systemd/system/multi-user.target.wants/ModemManager.service";
const RULES = "/etc/udev/rules.d/78-bowline.rules";
/** Of a device, or of one of its ports. ID_MM_TTY_BLACKLIST, which its own rules had, holds in some of its modes only. */
const IGNORED = /ENV\{ID_MM_(DEVICE|PORT)_IGNORE\}="1"/;
const EVERY_TTY = /KERNEL=="tty(ACM|USB|\[|\*)/;

const modem = findings("modemmanager");

export async function checkModemManager(machine: Machine, ports: readonly PortInfo[]): Promise<Finding[]> {
  const runs = await isRunning(machine, "ModemManager");
  if (!runs && !(await isThere(machine, ENABLED))) return [modem.ok("ModemManager does not run")];
  const what = runs ? "ModemManager runs" : "ModemManager begins with the next start of the machine";
  const rules = (await readUdevRules(machine)).filter(({ text }) => IGNORED.test(text));
  const boards = ports.filter(({ vidPid, espruino }) => vidPid !== "" && espruino !== "no");
  const spared = boards.filter(({ vidPid }) => isSpared(rules, vidPid));
  if (boards.length > 0 && spared.length === boards.length)
    return [modem.ok(`${what}, and is told to leave the boards alone`)];
  if (boards.length === 0)
    return [
      modem.warn(
        `${what}: it talks to boards that are plugged in, as if they were modems`,
        "sudo systemctl disable --now ModemManager",
        "or plug the board in, and check again for a rule that spares it",
      ),
    ];
  const meant = [...new Set(boards.filter((board) => !spared.includes(board)).map(({ vidPid }) => vidPid))];
  return [
    modem.warn(
      `${what}, and talks to ${meant.join(", ")} as if to a modem`,
      ...meant.map(addRule),
      reload(runs),
    ),
  ];
}

function isSpared(rules: readonly UdevRule[], vidPid: string): boolean {
  return rules.some(
    (rule) =>
      namesUsbDevice(rule, vidPid) || (EVERY_TTY.test(rule.text) && !/idVendor|ID_VENDOR_ID/.test(rule.text)),
  );
}

function addRule(vidPid: string): string {
  const [vid, pid] = vidPid.split(":");
  const rule = `ATTRS{idVendor}=="${vid}", ATTRS{idProduct}=="${pid}", ENV{ID_MM_DEVICE_IGNORE}="1"`;
  return `echo '${rule}' | sudo tee -a ${RULES}`;
}

function reload(runs: boolean): string {
  const restart = runs ? " && sudo systemctl restart ModemManager" : "";
  return `sudo udevadm control --reload && sudo udevadm trigger${restart}`;
}
