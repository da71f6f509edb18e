/** A backup on the disk: whole and read back, or not there. */
import { open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { flushFolder } from "../platform/durable-file.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { refuseSpecial } from "../platform/replaceable.ts";
import { type BackupContents, examineBackup } from "./examine.ts";
import { readBackup } from "./read-backup.ts";

export interface KeptBackup extends BackupContents {
  file: string;
  /** Its size. */
  size: number;
}

/**
 * Writes `bytes` beside `path`, readable by its owner only, flushes, reads all of it back, and puts it in its place. Rejects
 * with BACKUP_IN_THE_WAY when what is there is something else, with PATH_TAKEN when that
 * is a device, a pipe or a socket, with BACKUP_NOT_KEPT when it cannot be written.
 */
export async function keepBackup(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  onProgress: (written: number) => void = () => {},
): Promise<KeptBackup> {
  await checkPlace(path);
  // Two at once, by the clock and by hand, each have their own.
  const beside = `${path}.${process.pid}.tmp`;
  try {
    await removeLeft(path);
    const size = await write(beside, bytes, onProgress);
    const contents = await examineBackup(beside);
    refuseSpecial("writing the backup", path);
    await rename(beside, path);
    await flushFolder(dirname(resolve(path)));
    return { file: path, size, ...contents };
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {}); // what went wrong first is told
    throw notKept(path, error);
  }
}

/** What those have left who were killed. */
async function removeLeft(path: string): Promise<void> {
  const start = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    const pid = name.startsWith(start) ? /^(\d+)\.tmp$/.exec(name.slice(start.length)) : null;
    if (pid !== null && !isRunning(Number(pid[1]))) await rm(join(dirname(path), name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // somebody else's
  }
}

async function write(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  onProgress: (written: number) => void,
): Promise<number> {
  await rm(path, { force: true });
  const file = await open(path, "wx", 0o600);
  let size = 0;
  try {
    for await (const piece of bytes) {
      await file.writeFile(piece);
      size += piece.length;
      onProgress(size);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return size;
}

/** What is no backup stays: the name was likely another that was meant. */
async function checkPlace(path: string): Promise<void> {
  try {
    refuseSpecial("writing the backup", path); // before it is opened: of a pipe that would never return
  } catch (error) {
    throw notKept(path, error);
  }
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw notKept(path, error);
  });
  if (file === null) return;
  await file.close();
  const pieces = readBackup(path);
  try {
    await pieces.next();
  } catch (error) {
    const { code } = error as BowlineError;
    if (code !== "BACKUP_INVALID" && code !== "BACKUP_UNREADABLE") return;
    const text = `writing the backup ${path}: what is there is no backup, and stays`;
    throw new BowlineError("BACKUP_IN_THE_WAY", text, ExitCode.usage, "name another file");
  } finally {
    await pieces.return(undefined);
  }
}

function notKept(path: string, error: unknown): unknown {
  const { code = "", syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof BowlineError || syscall === undefined) return error;
  const exit = ["EACCES", "EPERM", "EROFS"].includes(code) ? ExitCode.permission : ExitCode.failure;
  const text = `writing the backup ${path}: ${message}`;
  const mend =
    code === "ENOENT" ? `mkdir -p ${dirname(path)}` : `df -h ${dirname(path)}; ls -ld ${dirname(path)}`;
  return new BowlineError("BACKUP_NOT_KEPT", text, exit, mend);
}
