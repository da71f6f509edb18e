/** What was built beside this program: the status page, the firmware, the dissector. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BowlineError, ExitCode } from "../../platform/errors.ts";

/** Where index.html, page.js, uplot.js and page.css of the status page lie. */
export const pageDir = besideProgram("page");

/** The dissector for Wireshark. */
export const dissectorPath = besideProgram("bowline.lua");

/** The standard firmware, ready for a board; throws where it was not built. */
export function firmwarePath(): string {
  return builtFile("device/firmware.js");
}

/** The firmware with the program of `bowline chaos`. */
export function chaosAppPath(): string {
  return builtFile("device/chaos.js");
}

function builtFile(name: string): string {
  const path = besideProgram(name);
  if (existsSync(path)) return path;
  const text = `looking for the firmware: ${path} is not there`;
  throw new BowlineError("FIRMWARE_NOT_BUILT", text, ExitCode.notFound, "npm run build");
}

function besideProgram(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
