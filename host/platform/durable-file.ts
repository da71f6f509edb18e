/** Small files that are either the old ones or the new ones, whatever happens meanwhile. */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { link, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { takeFolder } from "./folder-owner.ts";
import { refuseSpecial } from "./replaceable.ts";

/** What link() says on file systems without: FAT, some of a network. */
const LINKLESS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

/**
 * Writes `text` as the whole of `path`, readable by its owner only: beside it, flushed, then renamed. Made by root it is given to
 * the owner of its folder. `isNew`: never over a file that is there; then it rejects with EEXIST.
 * PATH_TAKEN: a device, a pipe or a socket is there.
 */
export async function writeDurably(path: string, text: string, { isNew = false } = {}): Promise<void> {
  const folder = takeFolder(dirname(path));
  const place = join(folder.path, basename(path));
  const beside = besideOf(place);
  try {
    // wx: it follows no link, which the owner of the folder might have put there.
    const file = await open(beside, "wx", 0o600);
    try {
      if (folder.heir !== null) await file.chown(folder.heir.uid, folder.heir.gid);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (isNew) await putNew(beside, place);
    else {
      refuseSpecial("writing", path, place);
      await rename(beside, place);
    }
    await flushFolder(folder.path);
  } finally {
    await rm(beside, { force: true });
    folder.letGo();
  }
}

/** The same for those who cannot wait: nothing else runs meanwhile. */
export function writeDurablySync(path: string, text: string): void {
  const folder = takeFolder(dirname(path));
  const place = join(folder.path, basename(path));
  const beside = besideOf(place);
  try {
    const file = openSync(beside, "wx", 0o600);
    try {
      if (folder.heir !== null) fchownSync(file, folder.heir.uid, folder.heir.gid);
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    refuseSpecial("writing", path, place);
    renameSync(beside, place);
    flushFolderSync(folder.path);
  } finally {
    rmSync(beside, { force: true });
    folder.letGo();
  }
}

/** A name of its own each time: of two that write the same file at once one is the last, and both are whole. */
const besideOf = (path: string) => `${path}.${randomBytes(6).toString("hex")}.new`;

/** Never over one that is there, which the file system decides; where that has no links, one look does. */
async function putNew(beside: string, path: string): Promise<void> {
  try {
    await link(beside, path);
  } catch (error) {
    if (!LINKLESS.includes((error as NodeJS.ErrnoException).code ?? "") || existsSync(path)) throw error;
    await rename(beside, path);
  }
}

/** A new name, or a removed one, survives a power cut only when its folder was flushed. */
export async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export function flushFolderSync(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
