/** What a Raspberry Pi is told at its start: which it is, cmdline.txt and config.txt, wherever they lie. */
import { isThere, readText } from "./files.ts";
import type { Machine } from "./machine.ts";

export interface PiBoot {
  /** `Raspberry Pi 4 Model B Rev 1.5`. */
  model: string;
  /** Where its files lie: /boot/firmware, and /boot before Debian 12, which still has files of their names. */
  folder: string;
  /** The words of cmdline.txt, and those that the running kernel was given. */
  cmdline: string[];
  runningCmdline: string[];
  config: BootConfig;
}

/** undefined when it is no Raspberry Pi. */
export async function readPiBoot(machine: Pick<Machine, "root">): Promise<PiBoot | undefined> {
  const model = (await readText(machine, "proc/device-tree/model")).replaceAll("\0", "").trim();
  if (!model.startsWith("Raspberry Pi")) return undefined;
  const folder = (await isThere(machine, "boot/firmware/config.txt")) ? "/boot/firmware" : "/boot";
  const [cmdline, running, config] = await Promise.all(
    [`${folder}/cmdline.txt`, "proc/cmdline", `${folder}/config.txt`].map((path) => readText(machine, path)),
  );
  return {
    model,
    folder,
    cmdline: wordsOf(cmdline),
    runningCmdline: wordsOf(running),
    config: new BootConfig(config, model),
  };
}

const wordsOf = (text: string) => text.split(/\s+/).filter((word) => word !== "");

/** config.txt as it holds for one model. */
export class BootConfig {
  private readonly settings: (readonly [key: string, value: string])[] = [];

  constructor(text: string, model: string) {
    let isMeant = true;
    for (const line of text.split("\n").map((one) => one.replace(/#.*/, "").trim())) {
      const filter = /^\[(.+)\]$/.exec(line)?.[1].toLowerCase();
      const [, key, value] = /^([a-z0-9_]+)\s*=\s*(.*)$/.exec(line) ?? [];
      if (filter !== undefined) isMeant = filter === "all" || filtersOf(model).includes(filter);
      else if (isMeant && key !== undefined) this.settings.push([key, value]);
    }
  }

  /** The last value of a key; "" when it is not set. */
  value(key: string): string {
    return this.settings.filter(([name]) => name === key).at(-1)?.[1] ?? "";
  }

  /** Whether an overlay is loaded, by one of its names. */
  hasOverlay(...names: string[]): boolean {
    return this.settings.some(([key, value]) => key === "dtoverlay" && names.includes(value.split(",")[0]));
  }

  /** Whether a parameter of the device tree is on: `dtparam=uart0` or `dtparam=uart0=on`. */
  hasParameter(name: string): boolean {
    const values = this.settings.filter(([key]) => key === "dtparam").map(([, value]) => value);
    const last = values.filter((value) => value.split("=")[0] === name).at(-1) ?? "";
    return [name, `${name}=on`].includes(last);
  }
}

/** The filters of config.txt that a model passes. Those by display, serial number or pin are taken not to hold. */
function filtersOf(model: string): string[] {
  const families: [RegExp, string[]][] = [
    [/Pi 5/, ["pi5"]],
    [/Pi 500/, ["pi500"]],
    [/Compute Module 5/, ["pi5", "cm5"]],
    [/Pi 4/, ["pi4"]],
    [/Pi 400/, ["pi400"]],
    [/Compute Module 4/, ["pi4", "cm4"]],
    [/Pi 3/, ["pi3"]],
    [/Pi 3 Model . Plus/, ["pi3+"]],
    [/Zero 2/, ["pi02"]],
    [/Zero(?! 2)/, ["pi0"]],
    [/Zero W/, ["pi0w"]],
    [/Pi 2/, ["pi2"]],
    [/Pi Model/, ["pi1"]],
  ];
  return families.filter(([pattern]) => pattern.test(model)).flatMap(([, filters]) => filters);
}
