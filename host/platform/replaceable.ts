/** What may be put out of its place: a device, as root could replace /dev/null, is nobody's to replace. */
import { type Stats, statSync } from "node:fs";
import { BowlineError, ExitCode } from "./errors.ts";

/**
 * Throws PATH_TAKEN where `path` is, or leads to, a device, a pipe or a socket. Of a folder and of all else the file system
 * itself says what it allows. `at`: where to look, if `path` is only what it is called. Else throws as stat(2) does.
 */
export function refuseSpecial(doing: string, path: string, at: string = path): void {
  const kind = kindOf(statSync(at, { throwIfNoEntry: false }));
  if (kind !== undefined) throw taken(doing, path, `${kind} is there`, "nothing, or a file");
}

/** What is in the way of `doing` at `path`; it stays. */
export function taken(doing: string, path: string, seen: string, allowed: string): BowlineError {
  const text = `${doing} ${path}: ${seen}, and stays; allowed: ${allowed}`;
  return new BowlineError("PATH_TAKEN", text, ExitCode.busy, `ls -ld ${path}, and name another`);
}

function kindOf(found: Stats | undefined): string | undefined {
  if (found?.isCharacterDevice() || found?.isBlockDevice()) return "a device";
  if (found?.isFIFO()) return "a pipe";
  return found?.isSocket() ? "a socket" : undefined;
}
