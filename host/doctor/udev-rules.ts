/** The rules of udev that are in force. */
import { readFolder, readText } from "./files.ts";
import type { Machine } from "./machine.ts";

/** Of two files with one name the first counts; one that is a link to /dev/null is empty. */
const FOLDERS = ["etc", "run", "usr/local/lib", "usr/lib", "lib"].map((place) => `${place}/udev/rules.d`);

export interface UdevRule {
  /** The name of its file. */
  file: string;
  /** One line, whatever its file has. */
  text: string;
}

export async function readUdevRules(machine: Pick<Machine, "root">): Promise<UdevRule[]> {
  const places = new Map<string, string>();
  for (const folder of FOLDERS) {
    for (const file of await readFolder(machine, folder)) {
      if (file.endsWith(".rules") && !places.has(file)) places.set(file, `${folder}/${file}`);
    }
  }
  const files = [...places].sort(([a], [b]) => (a < b ? -1 : 1));
  const rules = files.map(async ([file, place]) => {
    const lines = (await readText(machine, place)).replace(/\\\n/g, " ").split("\n");
    const texts = lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
    return texts.map((text): UdevRule => ({ file, text }));
  });
  return (await Promise.all(rules)).flat();
}

/** Whether a rule names a USB device, by `0483:5740`, in one of the ways in which rules do. */
export function namesUsbDevice({ text }: UdevRule, vidPid: string): boolean {
  const [vid, pid] = vidPid.split(":");
  const product = wantedOf(text, /ENV\{PRODUCT\}/);
  // As the kernel writes it, without leading zeros: 483/5740/200.
  if (product !== undefined) return matches(product, `${unpadded(vid)}/${unpadded(pid)}/0`);
  const vendor = wantedOf(text, /(?:ATTRS?\{idVendor\}|ENV\{ID_VENDOR_ID\})/);
  const model = wantedOf(text, /(?:ATTRS?\{idProduct\}|ENV\{ID_MODEL_ID\})/);
  return vendor !== undefined && matches(vendor, vid) && (model === undefined || matches(model, pid));
}

/** What a rule compares a key with. */
function wantedOf(text: string, key: RegExp): string | undefined {
  return new RegExp(`${key.source}=="([^"]*)"`).exec(text)?.[1];
}

/** Alternatives are separated by |, `*` and `?` stand for what they do in a shell. */
function matches(wanted: string, value: string): boolean {
  return wanted.split("|").some((pattern) => {
    const escaped = pattern
      .replace(/[.+^${}()\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    return new RegExp(`^${escaped}$`, "i").test(value);
  });
}

const unpadded = (hex: string) => hex.replace(/^0+(?=.)/, "");
