/** What of its Storage a board runs when it starts, and in which order (espruino §4.5). */
import { toByteString } from "./bytes.ts";
import type { Run } from "./run.ts";
import type { FlashStorage } from "./storage.ts";

export interface BootOptions {
  /** Power came on, rather than load() or reset(). */
  isPowerOn: boolean;
  /** After reset(), or with BTN1 held at power-on: the saved program stays where it is. */
  isReset: boolean;
}

const ALWAYS = [".boot0", ".boot1", ".boot2", ".boot3"];
/** Runs after reset() too, and instead of the program. */
const AFTER_RESET = ".bootrst";
const PROGRAM = ".bootcde";

/** Runs them one after the other, as each finds Storage; what they throw is printed. */
export function runBootFiles(run: Run, storage: FlashStorage, { isPowerOn, isReset }: BootOptions): void {
  for (const name of [...(isPowerOn ? [".bootPowerOn"] : []), ...ALWAYS]) runFile(run, storage, name);
  if (!runFile(run, storage, AFTER_RESET) && !isReset) runFile(run, storage, PROGRAM);
}

/** False: there is no such file. */
export function runFile(run: Run, storage: FlashStorage, name: string): boolean {
  const content = storage.read(name);
  if (content !== undefined && !run.isOver && !run.stuck) run.load(toByteString(content), name);
  return content !== undefined;
}
