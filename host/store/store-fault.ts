/** What goes wrong with a store, in words: a code, what was seen, and what mends it. */
import { BowlineError, ExitCode } from "../platform/errors.ts";

/** What LevelDB says, and what it means; the first that fits. */
const kinds: [pattern: RegExp, code: string, exit: ExitCode, mend: (folder: string) => string][] = [
  [
    /LEVEL_LOCKED|already held|lock .*(?:unavailable|in use)/i,
    "STORE_LOCKED",
    ExitCode.busy,
    () => "stop the other gateway, or set data to another folder",
  ],
  [
    /permission denied|EACCES|EPERM/i,
    "STORE_PERMISSION",
    ExitCode.permission,
    (folder) => `sudo chown -R "$(id -un)" ${folder}`,
  ],
  [
    /read-only file system|EROFS/i,
    "STORE_READ_ONLY",
    ExitCode.permission,
    (folder) => `mount -o remount,rw "$(df --output=target ${folder} | tail -n 1)"`,
  ],
  [
    /no space left|ENOSPC|quota|file too large|EFBIG/i,
    "STORE_NO_SPACE",
    ExitCode.failure,
    (folder) => `df -h ${folder}, then free some space`,
  ],
  [
    /corruption|checksum|does not exist|no such file|ENOENT|not an sstable/i,
    "STORE_CORRUPT",
    ExitCode.verification,
    mendDamage,
  ],
];

/** How to go on from a store that cannot be read. Boards repeat what they still hold. */
function mendDamage(folder: string): string {
  return `put a copy of ${folder} in its place, or begin anew without what it held: mv ${folder} ${folder}.damaged`;
}

/** `error` as LevelDB or the system reported it, while `attempt`. */
export function storeFault(error: unknown, attempt: string, folder: string): BowlineError {
  if (error instanceof BowlineError) return error;
  const seen = wordsOf(error);
  const [, code, exit, mend] = kinds.find(([pattern]) => pattern.test(seen)) ?? [
    /./,
    "STORE_FAILED",
    ExitCode.failure,
    (where: string) => `df -h ${where}; dmesg | tail`,
  ];
  const said = code === "STORE_LOCKED" ? "another process has it open; allowed: one at a time" : seen;
  return new BowlineError(code, `${attempt}: ${said}`, exit, mend(folder));
}

/** The native part of LevelDB did not load. */
export function storeUnavailable(cause: unknown): BowlineError {
  const seen = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
  const text = `load classic-level: ${seen}; without it only data: memory works, which outlives no restart`;
  return new BowlineError("STORE_UNAVAILABLE", text, ExitCode.failure, "bowline doctor");
}

/** The store is damaged: `seen` says where. */
export function damage(seen: string, folder: string): BowlineError {
  return new BowlineError(
    "STORE_CORRUPT",
    `checking the store in ${folder}: ${seen}`,
    ExitCode.verification,
    mendDamage(folder),
  );
}

/** The cause says what happened, the error itself only that something did. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const { code } = cause as { code?: string };
  return code === undefined ? cause.message : `${cause.message} (${code})`;
}
