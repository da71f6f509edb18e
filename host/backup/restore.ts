/** A data folder made from a backup: beside where it is to be, and put in its place once it is whole. */
import { lchown, mkdir, open, readdir, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UNFINISHED_RESTORE } from "../platform/data-folder.ts";
import { flushFolder } from "../platform/durable-file.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { makePrivateFolder } from "../platform/folder-owner.ts";
import { NewStore } from "../store/closed-store.ts";
import type { Change, Entry } from "../store/database.ts";
import { LevelDatabase } from "../store/level-database.ts";
import { storeFault } from "../store/store-fault.ts";
import type { StoreFormat } from "../store/store-format.ts";
import { heldFolder } from "../transports/held-folder.ts";
import { type BackupContents, examineBackup } from "./examine.ts";
import { HISTORY } from "./format.ts";
import { foundThere, type Place, placeOf, putInPlace } from "./place.ts";
import type { BackupSource } from "./read-backup.ts";

export interface RestoreOptions {
  /** What is there is set aside. */
  isForced: boolean;
  onProgress?: (messages: number) => void;
}

export interface Restored extends BackupContents {
  data: string;
  /** Where the folder is that was there; "" for none. */
  aside: string;
}

/**
 * Links lead to the folder that is meant. Rejects with RESTORE_…, STORE_LOCKED, or as readBackup() does; then nothing is changed,
 * unless it is RESTORE_STRANDED.
 */
export async function restoreBackup(
  source: BackupSource,
  data: string,
  { isForced, onProgress }: RestoreOptions,
): Promise<Restored> {
  try {
    const place = await placeOf(data);
    const isThere = await checkTarget(place, isForced);
    await makeBeside(place.beside);
    try {
      const contents = await fill(source, place.beside, onProgress);
      // It may have been started meanwhile.
      await refuseHeld(place.target);
      await giveTo(place);
      // One that was cut off may be removed by the next; this one is whole.
      await rm(join(place.beside, UNFINISHED_RESTORE));
      return { ...contents, data: place.target, aside: await putInPlace(place, isThere) };
    } catch (error) {
      if ((error as BowlineError).code !== "RESTORE_STRANDED")
        await rm(place.beside, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    throw restoreFault(error, data);
  }
}

/** Whether there is a folder with something in it, which is to be set aside. */
async function checkTarget(place: Place, isForced: boolean): Promise<boolean> {
  const { target } = place;
  const names = await foundThere(place);
  await refuseHeld(target);
  if (names === null || names.length === 0) return false;
  if (isForced) return true;
  const text = `restoring into ${target}: it is there, and not empty`;
  const mend = "--force sets it aside, and deletes nothing; or --data with another folder";
  throw new BowlineError("RESTORE_NOT_EMPTY", text, ExitCode.usage, mend);
}

async function refuseHeld(target: string): Promise<void> {
  const held = await heldFolder(target);
  if (held === undefined) return;
  const text = `restoring into ${target}: a gateway runs on it`;
  throw new BowlineError("STORE_LOCKED", text, ExitCode.busy, held.mend.split(";")[0]);
}

async function makeBeside(beside: string): Promise<void> {
  const names: string[] = await readdir(beside).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (names.length > 0 && !names.includes(UNFINISHED_RESTORE)) {
    const text = `restoring: ${beside}, where it is made first, is there, and not of a restore that was cut off`;
    throw new BowlineError("RESTORE_IN_THE_WAY", text, ExitCode.usage, `mv ${beside} ${beside}.old`);
  }
  await rm(beside, { recursive: true, force: true });
  makePrivateFolder(dirname(beside));
  // Whoever makes it keeps it until it is whole: its owner could lead root with a link to what is not in it.
  await mkdir(beside, { mode: 0o700 });
  await writeFlushed(join(beside, UNFINISHED_RESTORE), Buffer.alloc(0));
}

async function fill(
  source: BackupSource,
  beside: string,
  onProgress?: (messages: number) => void,
): Promise<BackupContents> {
  const store = new NewStore(beside);
  const history = new NewHistory(join(beside, "history"));
  let format: StoreFormat | undefined;
  try {
    await store.open();
    const contents = await examineBackup(source, {
      head: async (head) => {
        format = head.store;
      },
      entries: (part, entries) => (part === HISTORY ? history : store).add(entries),
      file: (name, bytes, mtime) => restoreFile(beside, name, bytes, mtime),
      ...(onProgress && { progress: onProgress }),
    });
    await store.finish(format!);
    return contents;
  } finally {
    await history.close();
    await store.close();
  }
}

/** `name` is of the fixed list that readBackup() holds it against. */
async function restoreFile(beside: string, name: string, bytes: Buffer, mtime: number): Promise<void> {
  const path = join(beside, name);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFlushed(path, bytes);
  // A key's time is when it was given.
  if (mtime > 0) await utimes(path, mtime / 1000, mtime / 1000);
  await flushFolder(dirname(path));
}

async function writeFlushed(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Made by root for a service, it is the user's whose folder was there, or whose the folder around it is. */
async function giveTo({ target, beside }: Place): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const owner = await stat(target).catch(() => stat(dirname(beside)));
  const names = await readdir(beside, { recursive: true });
  // Each folder after what is in it: nobody else is in there before all of it is given.
  for (const name of ["", ...names].reverse()) await lchown(join(beside, name), owner.uid, owner.gid);
}

/** The history's database, made when something is in it. */
class NewHistory {
  private database: LevelDatabase | null = null;

  constructor(private readonly folder: string) {}

  async add(entries: readonly Entry[]): Promise<void> {
    if (this.database === null) {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      const database = new LevelDatabase(this.folder);
      await database.open(true);
      this.database = database;
    }
    await this.database.write(
      entries.map(([key, value]): Change => ({ type: "put", key, value })),
      true,
    );
  }

  async close(): Promise<void> {
    await this.database?.close();
  }
}

function restoreFault(error: unknown, target: string): unknown {
  const { code = "", syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof BowlineError || syscall === undefined) return error;
  if (code === "EBUSY" || code === "EXDEV") {
    const text = `restoring into ${target}: it cannot be renamed (${message}), as a mount, or a folder of an image`;
    return new BowlineError(
      "RESTORE_MOUNT",
      text,
      ExitCode.usage,
      `--data ${target}/data, and data: ${target}/data`,
    );
  }
  if (code === "ENOTDIR") {
    const text = `restoring into ${target}: it is no folder`;
    return new BowlineError("RESTORE_NO_FOLDER", text, ExitCode.usage, "--data with another folder");
  }
  return storeFault(error, `restoring into ${target}`, dirname(target));
}
