// Tells whether a module was started as the program or imported by another.
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** isMain(import.meta.url) -> true in the file that was given to node. */
export function isMain(moduleUrl) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(moduleUrl);
}
