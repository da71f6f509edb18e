/**
 * Whose what root makes in a folder is: that of the folder's owner, whose gateway could not read it otherwise. A service runs as a
 * user of its own, and `sudo bowline key add` writes where that one reads.
 */
import { lchownSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { BowlineError, ExitCode } from "./errors.ts";

export interface Owner {
  uid: number;
  gid: number;
}

/** To whom a file in `folder` is to be given; null: whoever makes it keeps it. */
export function heirOf(folder: string): Owner | null {
  if (process.geteuid?.() !== 0) return null;
  const { uid, gid } = statSync(folder);
  return uid === 0 ? null : { uid, gid };
}

/** Makes it, and those above it, where it is missing: each for its owner only, who is that of the folder it is in. */
export function makePrivateFolder(path: string): void {
  const missing: string[] = [];
  // Not mkdir's own `recursive`: on /proc it never returns.
  for (let at = resolve(path); !isThere(at); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    try {
      mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      // Made by another process meanwhile, which gives it away as well.
      if ((error as NodeJS.ErrnoException).code === "EEXIST" && isThere(folder)) continue;
      throw error;
    }
    const heir = heirOf(dirname(folder));
    if (heir !== null) lchownSync(folder, heir.uid, heir.gid);
  }
}

const isThere = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** Throws DATA_FOLDER for root where the folder is another's: a store that root has written to its gateway could not open any more. */
export function refuseAnothers(data: string): void {
  if (process.geteuid?.() !== 0) return;
  const uid = statSync(data, { throwIfNoEntry: false })?.uid ?? 0;
  if (uid === 0) return;
  const text = `using the data folder ${data} as root: it is user ${uid}'s, whose gateway could not read what root leaves there`;
  const mend = `sudo systemctl start bowline, where it is the service's; or sudo -u '#${uid}' bowline up --set data=${data}`;
  throw new BowlineError("DATA_FOLDER", text, ExitCode.permission, mend);
}
