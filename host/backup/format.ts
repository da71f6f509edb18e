/**
 * A backup: one file with everything of a gateway that another machine needs to go on where it stood.
 *
 *   file    gzip of: head  part*  end
 *   head    {"bowline":"backup","format":1,"version":…,"gateway":…,"at":…,"store":{"format":1,"minor":0}}  newline
 *   part    {"part":NAME,"mtime":MS}  newline   chunk*  00 00 00 00   {"bytes":N,"sha256":…}  newline
 *   chunk   size:4 (little-endian, > 0)  bytes:~
 *   end     {"parts":N,"sha256":…}  newline      of everything before this line
 *
 * Parts are files as they lie in the data folder, the configuration, and the entries of the two databases, which are not
 * copied file by file: a database is read as of one moment, while it goes on being written.
 *
 *   entry   keySize:2  valueSize:4  key:~  value:~     a chunk holds whole ones
 */
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { StoreFormat } from "../store/store-format.ts";

export const BACKUP_FORMAT = 1;
/** A line says little; a file is small; a chunk holds one commit's messages at least. */
export const LONGEST_LINE = 65_536;
export const LARGEST_FILE = 1 << 20;
export const LARGEST_CHUNK = 1 << 28;

export interface Head {
  bowline: "backup";
  format: number;
  /** Of the program that wrote it. */
  version: string;
  gateway: string;
  /** ISO 8601. */
  at: string;
  store: StoreFormat;
}

export interface PartHead {
  part: string;
  /** ms since 1970, of a file. */
  mtime: number;
}

export interface PartEnd {
  bytes: number;
  sha256: string;
}

export interface FileEnd {
  parts: number;
  sha256: string;
}

export const STORE = "store";
export const HISTORY = "history";
/** The configuration as it was; where it was is another machine's matter. */
export const CONFIGURATION = "configuration.yaml";

/**
 * Files of the data folder, by the folder they lie in ("": its own). No name of these forms leads out of it. Not flash.json: at
 * which port a board was, is that machine's matter.
 */
export const FILES: readonly [folder: string, name: RegExp][] = [
  ["", /^(host-id|tokens\.json|irc-key\.pem)$/],
  ["keys", /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\.key$/],
  ["peer-keys", /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\.key$/],
  // What boards held before they were flashed.
  ["backups", /^[A-Za-z0-9-]{1,80}-\d{4,9}\.json$/],
];

/** Whether a part may be called so; any other is none of ours. */
export function isPartName(name: string): boolean {
  if ([STORE, HISTORY, CONFIGURATION].includes(name)) return true;
  const slash = name.indexOf("/");
  const folder = name.slice(0, Math.max(0, slash));
  return FILES.some(([one, pattern]) => one === folder && pattern.test(name.slice(slash + 1)));
}

/** A gateway that keeps all in memory. */
export function nothingKept(): BowlineError {
  const text = "making a backup: nothing is kept (data: memory)";
  return new BowlineError("BACKUP_MEMORY", text, ExitCode.usage, "set data to a folder");
}

/** `seen` says where, and what. */
export function damagedBackup(file: string, seen: string): BowlineError {
  const text = `reading the backup ${file}: ${seen}`;
  const mend = "another backup: those before an upgrade are in backups/ of the data folder";
  return new BowlineError("BACKUP_DAMAGED", text, ExitCode.verification, mend);
}

export function noBackup(file: string, seen: string): BowlineError {
  const text = `reading ${file}: ${seen}, so it is no backup of a gateway`;
  return new BowlineError("BACKUP_INVALID", text, ExitCode.usage, "bowline backup FILE makes one");
}
