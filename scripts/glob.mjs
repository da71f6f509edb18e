// Files of some folders whose name fits, as paths relative to the root. (Node 20 has no fs.globSync.)
import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * @param {string} root
 * @param {string[]} folders
 * @param {RegExp} pattern
 * @returns {string[]} sorted paths
 */
export function globSync(root, folders, pattern) {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, file)),
    )
    .filter((file) => pattern.test(file))
    .sort();
}
