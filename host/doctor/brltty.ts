/** Whether brltty, which takes common USB bridges for Braille displays, makes their ports vanish (users 11). */
import { type Finding, findings } from "./finding.ts";
import type { Machine } from "./machine.ts";
import { namesUsbDevice, readUdevRules } from "./udev-rules.ts";

/** The bridges that boards share with Braille displays. */
export const BRIDGES: readonly string[] = ["1a86:7523", "10c4:ea60", "0403:6001"];

const braille = findings("brltty");

export async function checkBrltty(machine: Machine): Promise<Finding[]> {
  const rules = (await readUdevRules(machine)).filter(({ file }) => file.includes("brltty"));
  const grabbed = BRIDGES.filter((id) => rules.some((rule) => namesUsbDevice(rule, id)));
  if (grabbed.length === 0) return [braille.ok("brltty takes no board's bridge")];
  const files = rules
    .filter((rule) => grabbed.some((id) => namesUsbDevice(rule, id)))
    .map(({ file }) => file);
  const seen = `brltty takes ${grabbed.join(", ")} for a Braille display: such a board has no port`;
  return [braille.warn(seen, ...maskRules(files))];
}

/** Masked files outlive an update of the package. */
function maskRules(files: readonly string[]): string[] {
  const masks = [...new Set(files)].map((file) => `sudo ln -sf /dev/null /etc/udev/rules.d/${file}`);
  return [...masks, "sudo udevadm control --reload, then plug the board in again"];
}
