/** Whether the machine knows what time it is (users 14): messages carry it, and certificates are checked by it. */
import { isThere, readFolder, readProcesses } from "./files.ts";
import { type Finding, findings } from "./finding.ts";
import { isContainer } from "./is-container.ts";
import type { Machine } from "./machine.ts";

/** Made by systemd-timesyncd when it has heard a server since the start. */
const SYNCHRONISED = "run/systemd/timesync/synchronized";
const TIMESYNCD = "systemd-timesyn"; // the kernel keeps 15 letters of a name
/** Others do not leave a file that says whether they have; that they run is what can be seen. */
const OTHERS = ["chronyd", "ntpd", "openntpd", "ptp4l", "phc2sys", "VBoxService", "vmtoolsd"];
/** Before this program was made it cannot be. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);

const clock = findings("clock");

export async function checkClock(machine: Machine): Promise<Finding[]> {
  if (machine.wallMs < EARLIEST_MS) return [await wrongClock(machine)];
  if (await isThere(machine, SYNCHRONISED)) return [clock.ok("clock synchronised")];
  const running = new Set((await readProcesses(machine)).values());
  const other = OTHERS.find((name) => running.has(name));
  if (other !== undefined) return [clock.ok(`clock kept by ${other}`)];
  if (await isContainer(machine)) return [clock.ok("clock kept by the machine around this container")];
  const rtc = (await hasRtc(machine))
    ? ""
    : "; there is no clock with a battery, so after each start it is wrong";
  if (running.has(TIMESYNCD))
    return [
      clock.warn(
        `clock not synchronised yet: systemd-timesyncd has heard no server${rtc}`,
        "timedatectl timesync-status",
      ),
    ];
  return [clock.warn(`nothing sets the clock${rtc}`, "sudo timedatectl set-ntp true")];
}

async function wrongClock(machine: Machine): Promise<Finding> {
  const time = new Date(machine.wallMs).toISOString().slice(0, 16).replace("T", " ");
  const rtc = (await hasRtc(machine)) ? "" : ": there is no clock with a battery";
  const seen = `the clock says ${time}${rtc}; messages are kept with a wrong time, and certificates are refused`;
  return clock.fail(seen, "sudo timedatectl set-ntp true");
}

async function hasRtc(machine: Machine): Promise<boolean> {
  return (await readFolder(machine, "sys/class/rtc")).length > 0;
}
