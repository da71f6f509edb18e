/** Where a silent port is to be rebound (rebindWhenSilent): whether the user may do it, which is root's by default. */
import { type Finding, findings } from "./finding.ts";
import type { Machine } from "./machine.ts";

const FILES = ["/sys/bus/usb/drivers/usb/bind", "/sys/bus/usb/drivers/usb/unbind"];

const rebind = findings("rebind");

export async function checkUsbRebind(machine: Machine): Promise<Finding[]> {
  const asked = machine.config.serial.filter(({ enabled, rebindWhenSilent }) => enabled && rebindWhenSilent);
  if (asked.length === 0) return [];
  const allowed = await Promise.all(FILES.map((file) => machine.mayWrite(file)));
  if (!allowed.includes(false)) return [rebind.ok("USB devices may be rebound")];
  const seen = `rebindWhenSilent is set, and ${machine.user.name} may not rebind USB devices`;
  const files = FILES.join(" ");
  return [
    rebind.warn(
      seen,
      `sudo chgrp dialout ${files} && sudo chmod g+w ${files}`,
      "which lasts until the next start; or set rebindWhenSilent: false",
    ),
  ];
}
