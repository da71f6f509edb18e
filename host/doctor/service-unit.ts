/** Where the gateway is a systemd service: whether its unit gives it the ports, and starts it again for ever (users 22). */
import { SERIAL_GROUP } from "../transports/serial-errors.ts";
import { readFolder, readText } from "./files.ts";
import { type Finding, findings } from "./finding.ts";
import { readGroups } from "./groups.ts";
import { isContainer } from "./is-container.ts";
import type { Machine } from "./machine.ts";

const UNIT = "etc/systemd/system/bowline.service";
/** Where packages have theirs; the other one hides it. */
const PACKAGED = ["usr/lib/systemd/system/bowline.service", "lib/systemd/system/bowline.service"];
/** Where `systemctl edit` writes. */
const DROP_INS = `${UNIT}.d`;

const service = findings("service");

export async function checkServiceUnit(machine: Machine): Promise<Finding[]> {
  const texts = await Promise.all([UNIT, ...PACKAGED].map((path) => readText(machine, path)));
  const text = texts.find((one) => one !== "") ?? "";
  if (text === "" || (await isContainer(machine))) return [];
  const more = (await readFolder(machine, DROP_INS)).filter((name) => name.endsWith(".conf"));
  const added = await Promise.all(more.map((name) => readText(machine, `${DROP_INS}/${name}`)));
  const unit = readUnit([text, ...added].join("\n"));
  const found = [checkPrivacy(unit), checkRestart(unit), checkNotify(unit), await checkUser(machine, unit)];
  const faults = found.filter((finding) => finding !== undefined);
  return faults.length > 0 ? faults : [service.ok("bowline.service gives the gateway what it needs")];
}

type Unit = ReadonlyMap<string, string>;

function checkPrivacy(unit: Unit): Finding | undefined {
  if (!/^(yes|true|on|1)$/i.test(unit.get("PrivateDevices") ?? "")) return undefined;
  return service.fail(
    "bowline.service: PrivateDevices hides every serial port",
    edit("PrivateDevices=no", "Service"),
  );
}

function checkRestart(unit: Unit): Finding | undefined {
  if (!["always", "on-failure"].includes(unit.get("Restart") ?? "no"))
    return service.warn("bowline.service: a gateway that ends stays away", edit("Restart=always", "Service"));
  if ((unit.get("StartLimitIntervalSec") ?? unit.get("StartLimitInterval")) === "0") return undefined;
  return service.warn(
    "bowline.service: systemd gives up after five starts in ten seconds",
    edit("StartLimitIntervalSec=0", "Unit"),
  );
}

/** What is told comes from systemd-notify, a process of its own: by NotifyAccess=main it would not be heard. */
function checkNotify(unit: Unit): Finding | undefined {
  if (unit.get("Type") !== "notify" || unit.get("NotifyAccess") === "all") return undefined;
  return service.fail(
    "bowline.service: systemd does not hear that the gateway serves, and ends it",
    edit("NotifyAccess=all", "Service"),
  );
}

/** A service has the groups of its user, and those that its unit adds. */
async function checkUser(machine: Machine, unit: Unit): Promise<Finding | undefined> {
  const user = unit.get("User") ?? "root";
  const dialout = (await readGroups(machine)).find(({ name }) => name === SERIAL_GROUP);
  const added = (unit.get("SupplementaryGroups") ?? "").split(/\s+/);
  if (user === "root" || dialout?.members.includes(user) || added.includes(SERIAL_GROUP)) return undefined;
  return service.warn(
    `bowline.service: its user ${user} is not in group ${SERIAL_GROUP}, to which serial ports belong`,
    edit(`SupplementaryGroups=${SERIAL_GROUP}`, "Service"),
  );
}

const edit = (line: string, section: string) =>
  `sudo systemctl edit bowline, and write below [${section}]: ${line}`;

/** Its settings, of whichever section; the last one of a name counts. */
function readUnit(text: string): Map<string, string> {
  const lines = text.split("\n").map((line) => /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line));
  return new Map(lines.flatMap((match) => (match ? [[match[1], match[2]] as const] : [])));
}
