// What tests have left in the folder for temporary files that their run had for itself.
import { readdirSync } from "node:fs";

/** Folders of vitest itself and of Node, which go with the run; and the pictures of the page, which are to be looked at. */
const OWN = /^[\w-]{21}$|^(node-compile-cache|v8-compile-cache.*|bowline-pictures)$/;

/** The long path of a unix socket is cut off (107 bytes), so that of the folder is short. */
export const FOLDER_PREFIX = "bl-";

/** -> names of what is left in `folder`, sorted */
export function leftovers(folder) {
  return readdirSync(folder)
    .filter((name) => !OWN.test(name))
    .sort();
}

/** Prints them, the same from many tests as one row. -> {passed, failed, skipped} */
export function judgeLeftovers(names, print = console.log) {
  if (names.length === 0) {
    print("✓ the tests left nothing behind");
    return { passed: 1, failed: 0, skipped: 0 };
  }
  const kinds = new Map();
  for (const name of names) {
    const kind = name.replace(/-[A-Za-z0-9]{6}$/, "-…");
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const rows = [...kinds].map(([kind, count]) => `  ${kind}${count > 1 ? `, ${count} times` : ""}`);
  print(`✗ the tests left behind:\n${rows.join("\n")}`);
  return { passed: 0, failed: 1, skipped: 0 };
}
