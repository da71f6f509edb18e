/**
 * Whose what root makes in a folder is: that of the folder's owner, whose gateway could not read it otherwise. A service runs as a
 * user of its own, and `sudo bowline key add` writes where that one reads.
 */
import {
  closeSync,
  constants,
  existsSync,
  fchownSync,
  fstatSync,
  mkdirSync,
  openSync,
  statSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { BowlineError, ExitCode } from "./errors.ts";

export interface Owner {
  uid: number;
  gid: number;
}

export interface FolderInHand {
  /** What is done under it is done in this folder, wherever the folder's own name leads by then. */
  path: string;
  /** To whom what is made in it is to be given; null: whoever makes it keeps it. */
  heir: Owner | null;
  letGo(): void;
}

/**
 * Of another's folder root goes by the open folder itself (proc(5), fd): who owns the one around it may put a link in its place
 * at any moment, and would be given what root has made elsewhere. Throws as open(2) does.
 */
export function takeFolder(path: string): FolderInHand {
  const own = { path, heir: null, letGo: () => {} };
  if (process.geteuid?.() !== 0) return own;
  const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  const { uid, gid } = fstatSync(folder);
  const letGo = () => closeSync(folder);
  const inside = `/proc/self/fd/${folder}`;
  if (uid !== 0) return { path: existsSync(inside) ? inside : path, heir: { uid, gid }, letGo };
  letGo();
  return own;
}

/** Makes it, and those above it, where it is missing: each for its owner only, who is that of the folder it is in. */
export function makePrivateFolder(path: string): void {
  const missing: string[] = [];
  // Not mkdir's own `recursive`: on /proc it never returns.
  for (let at = resolve(path); !isThere(at); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    try {
      makeOne(folder);
    } catch (error) {
      // Made by another process meanwhile, which gives it away as well.
      if ((error as NodeJS.ErrnoException).code === "EEXIST" && isThere(folder)) continue;
      throw error;
    }
  }
}

function makeOne(folder: string): void {
  const around = takeFolder(dirname(folder));
  try {
    const path = join(around.path, basename(folder));
    mkdirSync(path, { mode: 0o700 });
    if (around.heir !== null) give(path, around.heir);
  } finally {
    around.letGo();
  }
}

/** A folder, and nothing else that may stand there by now. */
function give(path: string, { uid, gid }: Owner): void {
  const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    fchownSync(folder, uid, gid);
  } finally {
    closeSync(folder);
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
