/** The folder that all of a gateway's files lie in. */
import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { BowlineError, ExitCode } from "./errors.ts";
import { makePrivateFolder } from "./folder-owner.ts";

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
  } catch (error) {
    throw unusable(path, error as NodeJS.ErrnoException);
  }
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
