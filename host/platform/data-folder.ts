/** The folder that all of a gateway's files lie in. */
import { access, constants, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BowlineError, ExitCode } from "./errors.ts";
import { makePrivateFolder } from "./folder-owner.ts";

/** A file in a folder that is being made of a backup: until it is gone the folder is not whole. */
export const UNFINISHED_RESTORE = "unfinished-restore";

/** Makes it, and those above it, where it is missing. Rejects with DATA_FOLDER when it cannot be used. */
export async function makeDataFolder(path: string): Promise<void> {
  try {
    makePrivateFolder(path);
    if (!(await stat(path)).isDirectory())
      throw Object.assign(new Error("it is no folder"), { code: "ENOTDIR" });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK).catch((error) => {
      // A disk that is read-only is told of by the store, which knows what mends it.
      if (error.code !== "EROFS") throw error;
    });
    if (await isFileThere(join(path, UNFINISHED_RESTORE))) throw unfinished(path);
  } catch (error) {
    if (error instanceof BowlineError) throw error;
    throw unusable(path, error as NodeJS.ErrnoException);
  }
}

const isFileThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false, // what cannot be looked at is told by whoever needs it
  );

function unfinished(path: string): BowlineError {
  const text = `using the data folder ${path}: a restore into it was cut off, so it is not whole`;
  const mend = `bowline restore FILE --force --data ${path}; or by hand: what was there before is in ${path}/before-…`;
  return new BowlineError("DATA_FOLDER", text, ExitCode.failure, mend);
}

/** `at`: which of those above it. */
function unusable(
  path: string,
  { code = "", message, path: at = path }: NodeJS.ErrnoException,
): BowlineError {
  const text = `using the data folder ${path}: ${message}`;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    const mend = `set data to a folder of yours, or run as its owner: ls -ld ${dirname(at)}`;
    return new BowlineError("DATA_FOLDER", text, ExitCode.permission, mend);
  }
  const exit = code === "ENOTDIR" || code === "EEXIST" ? ExitCode.usage : ExitCode.failure;
  return new BowlineError("DATA_FOLDER", text, exit, "set data to a folder that can be made");
}
