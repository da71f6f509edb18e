/**
 * What a board held before it was flashed, in a folder: one file each time, the last ten of each board. They hold its key
 * and its Wi-Fi password, so only their owner may read them.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Files } from "../../device/layout.mjs";
import { writeDurably } from "../platform/durable-file.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { makePrivateFolder } from "../platform/folder-owner.ts";
import type { BoardStorage } from "./board-storage.ts";
import { type Identity, parseObject, runningSlot } from "./identity.ts";

const KEPT = 10;
const FORMAT = 1;

export interface Backup {
  format: typeof FORMAT;
  board: string;
  serial: string;
  espruino: string;
  /** ISO 8601. */
  at: string;
  /** Contents in base64; a file that was not there is not here either. */
  files: Record<string, string>;
}

export interface StoredBackup {
  path: string;
  /** False: the last one says the same already. */
  isNew: boolean;
  /** Names and sizes; empty: the board held nothing. */
  files: Record<string, number>;
}

/** Reads what flashing changes: loader or another program, the slot that runs, bowline.json. */
export async function readBackup(
  storage: BoardStorage,
  identity: Identity,
  onProgress: (done: number, total: number) => void,
): Promise<Backup> {
  const running = runningSlot(identity.slots);
  const sizes: [string, number | undefined][] = [
    [Files.loader, identity.files[Files.loader]],
    ...(running === undefined ? [] : [[running.name, running.bytes] as [string, number]]),
    [Files.config, identity.files[Files.config]],
    [Files.nextConfig, identity.files[Files.nextConfig]],
  ];
  const total = sizes.reduce((sum, [, size]) => sum + (size ?? 0), 0);
  const files: Record<string, string> = {};
  let before = 0;
  for (const [name, size] of sizes) {
    if (size === undefined) continue;
    const bytes = await storage.read(name, (done) => onProgress(before + done, total));
    if (bytes !== undefined) files[name] = bytes.toString("base64");
    before += size;
  }
  const { board, serial, version } = identity;
  return { format: FORMAT, board, serial, espruino: version, at: new Date().toISOString(), files };
}

/** Keeps it, unless the last one of this board holds the same. Rejects with FLASH_BACKUP_NOT_KEPT. */
export async function storeBackup(folder: string, backup: Backup): Promise<StoredBackup> {
  try {
    return await store(folder, backup);
  } catch (error) {
    throw notKept(folder, error as NodeJS.ErrnoException);
  }
}

async function store(folder: string, backup: Backup): Promise<StoredBackup> {
  makePrivateFolder(folder);
  const files = Object.fromEntries(
    Object.entries(backup.files).map(([name, text]) => [name, Buffer.from(text, "base64").length]),
  );
  const names = await namesOf(folder, backup.serial);
  const last = names.at(-1);
  if (last !== undefined) {
    const path = join(folder, last);
    const isSame = await loadBackup(path).then(
      (one) => fingerprint(one) === fingerprint(backup),
      () => false, // a damaged one is as good as none
    );
    if (isSame) return { path, isNew: false, files };
  }
  const number = Number(last?.slice(-"0001.json".length, -".json".length) ?? 0) + 1;
  const path = join(folder, `${stem(backup.serial)}-${String(number).padStart(4, "0")}.json`);
  await writeDurably(path, `${JSON.stringify(backup, null, 1)}\n`);
  for (const old of names.slice(0, Math.max(0, names.length + 1 - KEPT))) await rm(join(folder, old));
  return { path, isNew: true, files };
}

/** A disk that is full, or read-only: without a way back nothing is flashed. */
function notKept(folder: string, { code = "", message }: NodeJS.ErrnoException): BowlineError {
  const text = `keep a backup of the board in ${folder}: ${message}; nothing on the board was changed`;
  const exit = ["EACCES", "EPERM", "EROFS"].includes(code) ? ExitCode.permission : ExitCode.failure;
  return new BowlineError(
    "FLASH_BACKUP_NOT_KEPT",
    text,
    exit,
    "--set data=FOLDER, with one that can be written",
  );
}

/** The last backup of a board. Rejects with FLASH_NO_BACKUP. */
export async function lastBackup(folder: string, serial: string): Promise<{ path: string; backup: Backup }> {
  const last = (await namesOf(folder, serial)).at(-1);
  if (last === undefined) {
    const text = `restore the board with serial number ${serial}: no backup of it in ${folder}; one is made at each flashing`;
    throw new BowlineError("FLASH_NO_BACKUP", text, ExitCode.notFound);
  }
  const path = join(folder, last);
  return { path, backup: await loadBackup(path) };
}

/** Rejects with FLASH_BACKUP_UNREADABLE (3: no such file, 4: no permission) or FLASH_BACKUP_DAMAGED. */
export async function loadBackup(path: string): Promise<Backup> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw unreadable(path, error);
  });
  let backup: unknown;
  try {
    backup = JSON.parse(text);
  } catch {
    throw damaged(path, "it is no JSON");
  }
  if (isBackup(backup)) return backup;
  throw damaged(path, `it is no backup of format ${FORMAT}`);
}

function isBackup(value: unknown): value is Backup {
  const { format, board, serial, at, files } = (value ?? {}) as Partial<Backup>;
  if (format !== FORMAT || typeof files !== "object" || files === null) return false;
  return [board, serial, at, ...Object.values(files)].every((one) => typeof one === "string");
}

function unreadable(path: string, { code = "", message }: NodeJS.ErrnoException): BowlineError {
  const exits: Readonly<Record<string, ExitCode>> = {
    ENOENT: ExitCode.notFound,
    EACCES: ExitCode.permission,
  };
  const exit = exits[code] ?? ExitCode.failure;
  const mend = "bowline flash --backups lists them";
  return new BowlineError("FLASH_BACKUP_UNREADABLE", `read the backup ${path}: ${message}`, exit, mend);
}

function damaged(path: string, seen: string): BowlineError {
  return new BowlineError(
    "FLASH_BACKUP_DAMAGED",
    `read the backup ${path}: ${seen}`,
    ExitCode.failure,
    `ls -l ${path}`,
  );
}

function fingerprint({ files }: Backup): string {
  const entries = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(entries)).digest("hex");
}

/** Oldest first. */
async function namesOf(folder: string, serial: string): Promise<string[]> {
  const start = `${stem(serial)}-`;
  const all = await readdir(folder).catch(() => []);
  return all
    .filter((name) => name.startsWith(start) && /^\d{4,}\.json$/.test(name.slice(start.length)))
    .sort();
}

/** A serial number as the beginning of a file name. */
function stem(serial: string): string {
  return serial.replace(/[^A-Za-z0-9]+/g, "-") || "unknown";
}

/** What a board that holds this counts as its bowline.json; empty where it has none that can be read. */
export function configOf({ files }: Backup): Record<string, unknown> {
  const texts = [Files.config, Files.nextConfig].map((name) => files[name] ?? "");
  const configs = texts.map((text) => parseObject(Buffer.from(text, "base64")));
  return configs.find((config) => config !== undefined) ?? {};
}
