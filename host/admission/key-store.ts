/**
 * The keys of boards: each in a file of its own in the data folder, which its owner alone may read, so that the gateway
 * and the verbs may both add and remove them. They are few and read only when a board introduces itself or comes back,
 * so nothing is kept in memory that a removed file would leave behind.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fstatSync,
  opendirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Proof } from "../../shared/proof.ts";
import { ID_ALLOWED, isBoardId } from "../platform/board-id.ts";
import { flushFolderSync, writeDurablySync } from "../platform/durable-file.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { makePrivateFolder } from "../platform/folder-owner.ts";

export interface KeyStore {
  /** The key of a board, if it has one. Throws KEY_… when there is one that cannot be used. */
  get(id: string): Buffer | undefined;
  /** Draws a key and keeps it; the one before is gone. */
  draw(id: string): Buffer;
  /** Keeps a key that was drawn elsewhere, as it was printed there. Throws KEY_INVALID; `origin`: where it was read. */
  put(id: string, text: string, origin: string): void;
  /** False: there was none. */
  remove(id: string): boolean;
  list(): KeyEntry[];
  readonly isEmpty: boolean;
}

export interface KeyEntry {
  id: string;
  /** ms since 1970. */
  addedAt: number;
}

const SUFFIX = ".key";
const OTHERS = 0o077; // st_mode: any right of group or others

/** The keys of a gateway's data folder; "memory": they end with the process. */
export function openKeys(data: string): KeyStore {
  return data === "memory" ? new MemoryKeys() : new KeyFiles(join(data, "keys"));
}

/** Those of other gateways, by host id in decimal. A folder of their own: a board may be called 42 as well. */
export function openPeerKeys(data: string): KeyStore {
  return data === "memory" ? new MemoryKeys() : new KeyFiles(join(data, "peer-keys"));
}

class KeyFiles implements KeyStore {
  constructor(private readonly folder: string) {}

  get(id: string): Buffer | undefined {
    if (!isBoardId(id)) return undefined; // no name of this form leaves the folder
    const path = this.pathOf(id);
    return explained("reading", path, () => {
      const file = openIfThere(path);
      if (file === undefined) return undefined;
      try {
        checkMode(fstatSync(file).mode, path);
        return parseKey(readFileSync(file, "latin1"), path, `rm ${path}, then bowline key add`);
      } finally {
        closeSync(file);
      }
    });
  }

  draw(id: string): Buffer {
    const key = randomBytes(Proof.KEY_SIZE);
    this.write(id, key);
    return key;
  }

  put(id: string, text: string, origin: string): void {
    this.write(id, parseKey(text, origin, "bowline key add prints one"));
  }

  private write(id: string, key: Buffer): void {
    checkId(id);
    const path = this.pathOf(id);
    explained("writing", path, () => {
      makePrivateFolder(this.folder);
      writeDurablySync(path, `${key.toString("base64")}\n`);
    });
  }

  remove(id: string): boolean {
    checkId(id);
    const path = this.pathOf(id);
    return explained("removing", path, () => {
      if (statSync(path, { throwIfNoEntry: false }) === undefined) return false;
      rmSync(path);
      flushFolderSync(this.folder);
      return true;
    });
  }

  list(): KeyEntry[] {
    return explained("listing", this.folder, () =>
      readIfThere(this.folder)
        .filter((name) => name.endsWith(SUFFIX) && isBoardId(name.slice(0, -SUFFIX.length)))
        .sort()
        .map((name) => ({
          id: name.slice(0, -SUFFIX.length),
          addedAt: Math.round(statSync(join(this.folder, name)).mtimeMs),
        })),
    );
  }

  get isEmpty(): boolean {
    return explained("listing", this.folder, () => {
      if (statSync(this.folder, { throwIfNoEntry: false }) === undefined) return true;
      const folder = opendirSync(this.folder);
      try {
        for (let entry = folder.readSync(); entry !== null; entry = folder.readSync())
          if (entry.name.endsWith(SUFFIX)) return false;
        return true;
      } finally {
        folder.closeSync();
      }
    });
  }

  private pathOf(id: string): string {
    return join(this.folder, `${id}${SUFFIX}`);
  }
}

class MemoryKeys implements KeyStore {
  private readonly keys = new Map<string, { key: Buffer; addedAt: number }>();

  get(id: string): Buffer | undefined {
    return this.keys.get(id)?.key;
  }

  draw(id: string): Buffer {
    const key = randomBytes(Proof.KEY_SIZE);
    this.write(id, key);
    return key;
  }

  put(id: string, text: string, origin: string): void {
    this.write(id, parseKey(text, origin, "bowline key add prints one"));
  }

  private write(id: string, key: Buffer): void {
    checkId(id);
    this.keys.set(id, { key, addedAt: Date.now() });
  }

  remove(id: string): boolean {
    return this.keys.delete(id);
  }

  list(): KeyEntry[] {
    return [...this.keys]
      .map(([id, { addedAt }]) => ({ id, addedAt }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  get isEmpty(): boolean {
    return this.keys.size === 0;
  }
}

function checkId(id: string): void {
  if (isBoardId(id)) return;
  const text = `naming the owner of a key: ${JSON.stringify(id)}; allowed: ${ID_ALLOWED}`;
  throw new BowlineError("USAGE", text, ExitCode.usage);
}

function checkMode(mode: number, path: string): void {
  if (process.platform === "win32" || (mode & OTHERS) === 0) return;
  const text = `reading ${path}: its mode is 0${(mode & 0o777).toString(8)}, so others may read the key; allowed: 0600`;
  throw new BowlineError("KEY_EXPOSED", text, ExitCode.permission, `chmod 600 ${path}`);
}

/** Never says what it read: it may be the better part of a key. */
function parseKey(text: string, origin: string, mend: string): Buffer {
  const key = Buffer.from(text.trim(), "base64");
  if (key.length === Proof.KEY_SIZE && key.toString("base64") === text.trim()) return key;
  const seen = `${text.length} characters that are no key; allowed: ${Proof.KEY_SIZE} bytes in base64`;
  throw new BowlineError("KEY_INVALID", `reading ${origin}: ${seen}`, ExitCode.usage, mend);
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function readIfThere(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(folder);
}

function explained<T>(attempt: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof BowlineError) throw error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    const denied = code === "EACCES" || code === "EPERM" || code === "EROFS";
    const exitCode = denied ? ExitCode.permission : ExitCode.failure;
    const folder = path.endsWith(SUFFIX) ? dirname(path) : path;
    // Copied there by another user, root above all: they are to be whose the data is.
    const mend =
      code === "EACCES" ? `sudo chown -R --reference=${dirname(folder)} ${folder}` : `ls -ld ${path}`;
    throw new BowlineError("KEY_UNREADABLE", `${attempt} ${path}: ${message}`, exitCode, mend);
  }
}
