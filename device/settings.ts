/** What a program keeps over restarts and power cuts: one small JSON file in Storage. */
import { readSafely, writeSafely } from "./safe-file.ts";

const FILE = "settings.json";
const COPY = "bl.set";

/** What was kept under `name`; `otherwise` if nothing was, or a value of another type. */
export function setting<T>(name: string, otherwise: T): T {
  "cold";
  const value = readSafely(FILE, COPY)[name];
  return typeof value === typeof otherwise ? value : otherwise;
}

/**
 * Keeps a number, text, boolean, or plain object under `name`. Flash wears out by writing, so a value that is there
 * already is not written again. True: it is kept, also if the power goes now. False: Storage is full; what was kept
 * before still is.
 */
export function keepSetting(name: string, value: any): boolean {
  "cold";
  const all = readSafely(FILE, COPY);
  if (JSON.stringify(all[name]) === JSON.stringify(value)) return true;
  all[name] = value;
  return writeSafely(FILE, COPY, all);
}
