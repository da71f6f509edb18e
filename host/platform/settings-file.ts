/** Files that settings name: what cannot be read is told with the setting, and a secret that anyone may read is refused. */
import { readFileSync, statSync } from "node:fs";
import { BowlineError, ExitCode } from "./errors.ts";

/** st_mode: any right of those who are neither owner nor group; certificate tools share keys with a group. */
const OTHERS = 0o007;

/** `name`: of the setting. Throws FILE_UNREADABLE. */
export function readFileOf(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: "no such file",
      EACCES: "not ours to read",
      EISDIR: "a folder, expected a file",
    };
    const text = `${name}: reading ${path}: ${reasons[code] ?? code}`;
    if (code === "ENOENT")
      throw new BowlineError(
        "FILE_UNREADABLE",
        text,
        ExitCode.notFound,
        `${name} names a file that is there`,
      );
    throw new BowlineError("FILE_UNREADABLE", text, ExitCode.permission, `ls -ld ${path}`);
  }
}

/** Without the line break at its end. Throws FILE_UNREADABLE for an empty one, too, and KEY_EXPOSED when others may read it. */
export function readSecretOf(name: string, path: string): string {
  const text = readFileOf(name, path).trim();
  if (text === "") {
    const seen = `${name}: reading ${path}: it is empty, expected a line`;
    throw new BowlineError(
      "FILE_UNREADABLE",
      seen,
      ExitCode.failure,
      `write what it stands for into ${path}`,
    );
  }
  const mode = statSync(path).mode & 0o777;
  if (process.platform === "win32" || (mode & OTHERS) === 0) return text;
  const seen = `its mode is 0${mode.toString(8)}, so anyone may read it; allowed: 0600, 0640`;
  throw new BowlineError(
    "KEY_EXPOSED",
    `${name}: reading ${path}: ${seen}`,
    ExitCode.permission,
    `chmod 600 ${path}`,
  );
}
