/**
 * The UART on the pins of a Raspberry Pi (users 13): is it on, which one is it, and has the login console let go of it?
 * Edits are printed, never made: a Pi that does not start is worse than a port that does not open.
 */
import { configuredDevices } from "./configured-devices.ts";
import { isThere, leadsTo, readFolder, readText } from "./files.ts";
import { type Finding, findings } from "./finding.ts";
import type { Machine } from "./machine.ts";
import { type PiBoot, readPiBoot } from "./pi-boot.ts";

const uart = findings("uart");

/** Where systemd has it that a login console begins: by hand, or because the kernel's console is there. */
const GETTY_FOLDERS = ["etc/systemd/system", "run/systemd/generator"].map(
  (place) => `${place}/getty.target.wants`,
);

interface Pins {
  machine: Machine;
  boot: PiBoot;
  /** The port on the pins: `ttyS0`; "" when there is none. */
  tty: string;
  /** The configuration names it. */
  isUsed: boolean;
}

export async function checkPiUart(machine: Machine): Promise<Finding[]> {
  const boot = await readPiBoot(machine);
  if (boot === undefined) return [];
  const tty = await ttyOnPins(machine, boot);
  const names = machine.config.serial.filter(({ enabled }) => enabled).map(({ path }) => path);
  const isNamed = names.some((path) => /^\/dev\/(serial0|ttyAMA0|ttyS0)$/.test(path));
  const isUsed = isNamed || (tty !== "" && (await configuredDevices(machine)).includes(`/dev/${tty}`));
  const pins: Pins = { machine, boot, tty, isUsed };
  if (tty === "") return [checkEnabled(pins)];
  return [await checkConsole(pins), await checkKind(pins)];
}

/** serial0 names it, except on a Pi 5, where that may be the connector for debugging. */
async function ttyOnPins(machine: Machine, { model }: PiBoot): Promise<string> {
  if (isPi5(model)) return (await isThere(machine, "dev/ttyAMA0")) ? "ttyAMA0" : "";
  return leadsTo(machine, "dev/serial0");
}

function checkEnabled({ boot, isUsed }: Pins): Finding {
  const { model, folder, config } = boot;
  const [isSet, setting] = isPi5(model)
    ? [config.hasParameter("uart0") || config.hasOverlay("uart0", "uart0-pi5"), "dtparam=uart0=on"]
    : [config.value("enable_uart") === "1", "enable_uart=1"];
  const seen = "the UART on the pins is off";
  if (isSet) return uart[isUsed ? "fail" : "warn"](`${seen}, and on after the next start`, "sudo reboot");
  if (!isUsed) return uart.ok(`${seen}; boards on USB do not need it`);
  return uart.fail(seen, `echo ${setting} | sudo tee -a ${folder}/config.txt`, "sudo reboot");
}

async function checkConsole({ machine, boot, tty, isUsed }: Pins): Promise<Finding> {
  const isOnPins = async (word: string) => {
    const name = /^console=(serial0|ttyAMA\d+|ttyS\d+)(,|$)/.exec(word)?.[1];
    return name === tty || (name === "serial0" && (await leadsTo(machine, "dev/serial0")) === tty);
  };
  const consoles = await filter(boot.cmdline, isOnPins);
  const running = await filter(boot.runningCmdline, isOnPins);
  const enabled = await enabledGetty(machine, tty);
  const runs = await runsGetty(machine, tty);
  if (consoles.length + running.length === 0 && enabled === "" && !runs)
    return uart.ok(`the login console leaves /dev/${tty} alone`);
  const level = isUsed ? "fail" : "warn";
  const note = isUsed ? "" : ": only to be freed for a board on the pins, boards on USB are fine";
  const edits = consoles.map((word) => `sudo sed -i 's/${word} *//' ${boot.folder}/cmdline.txt`);
  if (enabled.startsWith("etc/") || (runs && consoles.length + running.length === 0))
    edits.push(`sudo systemctl disable --now serial-getty@${tty}`);
  if (consoles.length + running.length > 0 || edits.length === 0) edits.push("sudo reboot");
  const seen =
    edits.length === 1 && edits[0] === "sudo reboot"
      ? "is the login console until the next start"
      : "is the login console";
  return uart[level](`/dev/${tty} on the pins ${seen}${note}`, ...edits);
}

async function enabledGetty(machine: Machine, tty: string): Promise<string> {
  const places = GETTY_FOLDERS.map((folder) => `${folder}/serial-getty@${tty}.service`);
  return (await filter(places, (place) => isThere(machine, place)))[0] ?? "";
}

async function runsGetty(machine: Machine, tty: string): Promise<boolean> {
  const pids = (await readFolder(machine, "proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readText(machine, `proc/${pid}/cmdline`)));
  return lines.some((line) => /(^|\/)agetty$/.test(line.split("\0")[0]) && line.split("\0").includes(tty));
}

async function checkKind({ machine, boot, tty, isUsed }: Pins): Promise<Finding> {
  const { config, folder, model } = boot;
  const bluetooth = (await configuredDevices(machine)).includes("/dev/ttyAMA0");
  if (tty !== "ttyS0") return uart.ok(`/dev/${tty} on the pins is a full UART`);
  if (bluetooth && !isPi5(model))
    return uart.fail(
      "/dev/ttyAMA0 is configured, and is the Bluetooth chip's: the pins are /dev/serial0",
      "write /dev/serial0 under serial: in bowline.yaml",
    );
  const seen =
    "/dev/ttyS0 on the pins is the mini UART: half the buffer of the full one, and a speed that follows the core's clock";
  if (!isUsed) return uart.ok("/dev/ttyS0 on the pins is the mini UART");
  if (config.hasOverlay("disable-bt", "miniuart-bt", "pi3-disable-bt", "pi3-miniuart-bt"))
    return uart.warn(`${seen}, until the next start`, "sudo reboot");
  return uart.warn(
    seen,
    `echo dtoverlay=disable-bt | sudo tee -a ${folder}/config.txt`,
    "sudo systemctl disable --now hciuart",
    "sudo reboot",
    "(with dtoverlay=miniuart-bt instead Bluetooth stays, more slowly)",
  );
}

const isPi5 = (model: string) => /Pi 5|Compute Module 5/.test(model);

async function filter<T>(values: readonly T[], isWanted: (value: T) => Promise<boolean>): Promise<T[]> {
  const wanted = await Promise.all(values.map(isWanted));
  return values.filter((_, i) => wanted[i]);
}
