/**
 * Small JSON files that a power cut leaves either as they were or as they were to be. Storage erases a file before it
 * writes it anew, so a complete copy is written first, then the file, and then the copy goes:
 *
 *   file   old    old        –, or a part    new    new
 *   copy   –      a part     new             new    –
 *
 * Half an object is no JSON: whoever reads takes the file if it parses, else the copy.
 */

/** -> the object in `file`, or {} if there is none. */
export function readSafely(file: string, copy: string): any {
  "cold";
  const storage = require("Storage");
  return storage.readJSON(file, true) || storage.readJSON(copy, true) || {};
}

/** False: Storage has no room, and what was there is still there. */
export function writeSafely(file: string, copy: string, value: object): boolean {
  "cold";
  const storage = require("Storage");
  const text = JSON.stringify(value);
  try {
    // With the file in pieces the copy is all there is: it must not be touched before the file is whole again.
    if (storage.readJSON(file, true) || !storage.readJSON(copy, true)) storage.write(copy, text);
    storage.write(file, text);
  } catch {
    // No room. Where the file went first, the copy has the new object.
    if (!storage.readJSON(file, true)) return JSON.stringify(readSafely(file, copy)) === text;
    storage.erase(copy);
    return false;
  }
  storage.erase(copy);
  return true;
}
