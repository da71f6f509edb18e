/** A backup read from its first byte to its last, each part checked as it ends and the whole at the end. */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip, type Gunzip } from "node:zlib";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { checkReadable, OWN_FORMAT } from "../store/store-format.ts";
import {
  BACKUP_FORMAT,
  damagedBackup,
  type FileEnd,
  type Head,
  isPartName,
  LARGEST_CHUNK,
  LONGEST_LINE,
  noBackup,
  type PartEnd,
  type PartHead,
} from "./format.ts";

/** Nothing of it may be relied on before `over` came: only that says that all was whole. */
export type Piece =
  | { kind: "head"; head: Head }
  | { kind: "part"; name: string; mtime: number }
  | { kind: "chunk"; name: string; bytes: Buffer }
  | { kind: "end"; name: string; bytes: number }
  | { kind: "over"; parts: number };

/** What gzip begins with here: no name, no time. Whatever else it says is not looked at, so it is not damage. */
const GZIP = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);

/** ms since 1970, as far as Date goes. */
const LATEST = 8.64e15;

/** A file by its path, or bytes that come from elsewhere, by the name that whoever reads an error knows them by. */
export type BackupSource = string | { name: string; bytes: AsyncIterable<Uint8Array> };

/** Reads `source` once, from its beginning. Rejects with BACKUP_UNREADABLE, BACKUP_INVALID, BACKUP_DAMAGED, BACKUP_NEWER or STORE_NEWER. */
export async function* readBackup(source: BackupSource): AsyncGenerator<Piece, undefined> {
  const { name, bytes } =
    typeof source === "string" ? { name: source, bytes: createReadStream(source) } : source;
  const unzipped = pipeline(begun(name, bytes), createGunzip(), () => {});
  try {
    yield* new Reading(name, unzipped).pieces();
  } finally {
    unzipped.destroy();
  }
}

/** The same bytes, once the first of them are seen to be a backup's. */
async function* begun(file: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let start: Buffer | null = Buffer.alloc(0);
  for await (const piece of bytes) {
    if (start === null) yield piece;
    else {
      start = Buffer.concat([start, piece]);
      if (start.length < GZIP.length) continue;
      checkBeginning(file, start);
      yield start;
      start = null;
    }
  }
  if (start !== null) checkBeginning(file, start);
}

function checkBeginning(file: string, start: Buffer): void {
  if (!start.subarray(0, 2).equals(GZIP.subarray(0, 2)))
    throw noBackup(file, start.length === 0 ? "it is empty" : "it does not begin as a gzip file does");
  if (!start.subarray(0, GZIP.length).equals(GZIP))
    throw damagedBackup(file, "its first 8 bytes are not as a backup's are");
}

function unreadable(file: string, { code = "", message }: NodeJS.ErrnoException): BowlineError {
  const exits: Readonly<Record<string, ExitCode>> = {
    ENOENT: ExitCode.notFound,
    EACCES: ExitCode.permission,
    EISDIR: ExitCode.usage,
  };
  const exit = exits[code] ?? ExitCode.failure;
  return new BowlineError(
    "BACKUP_UNREADABLE",
    `reading the backup ${file}: ${message}`,
    exit,
    `ls -l ${file}`,
  );
}

class Reading {
  private readonly source: AsyncIterator<Buffer>;
  private readonly whole = createHash("sha256");
  private rest: Buffer = Buffer.alloc(0);
  /** Bytes read, unpacked; and what was being read, for whoever is told that it is damaged. */
  private at = 0;
  private within = "the head";

  constructor(
    private readonly file: string,
    private readonly unzipped: Gunzip,
  ) {
    this.source = unzipped[Symbol.asyncIterator]();
  }

  async *pieces(): AsyncGenerator<Piece, undefined> {
    yield { kind: "head", head: this.checkHead(await this.line()) };
    const names = new Set<string>();
    for (;;) {
      this.within = `what comes after ${names.size} parts`;
      const before = this.whole.copy().digest("hex");
      const line = await this.line();
      if (line.part === undefined) {
        await this.checkEnd(line as Partial<FileEnd>, names.size, before);
        yield { kind: "over", parts: names.size };
        return;
      }
      const { name, mtime } = this.checkPart(line as Partial<PartHead>, names);
      names.add(name);
      this.within = `the part ${name}`;
      yield { kind: "part", name, mtime };
      yield* this.part(name);
    }
  }

  private async *part(name: string): AsyncGenerator<Piece, undefined> {
    const own: Hash = createHash("sha256");
    let bytes = 0;
    for (;;) {
      const size = (await this.take(4)).readUInt32LE(0);
      if (size === 0) break;
      if (size > LARGEST_CHUNK) throw this.damage(`a piece of ${size} bytes; allowed: ${LARGEST_CHUNK}`);
      const chunk = await this.take(size);
      own.update(chunk);
      bytes += size;
      yield { kind: "chunk", name, bytes: chunk };
    }
    const end = (await this.line()) as Partial<PartEnd>;
    if (end.bytes !== bytes || end.sha256 !== own.digest("hex"))
      throw this.damage("it is not what was written: its checksum is another");
    yield { kind: "end", name, bytes };
  }

  private checkHead(line: Record<string, unknown>): Head {
    const { bowline, format, version, gateway, at, store } = line as Partial<Head>;
    if (bowline !== "backup") throw noBackup(this.file, "it says something else of itself");
    if (!Number.isSafeInteger(format)) throw this.damage("no format");
    if ((format as number) > BACKUP_FORMAT) throw this.newer(format as number, version);
    if ([version, gateway, at].some((one) => typeof one !== "string"))
      throw this.damage("something is missing");
    const { format: major, minor } = store ?? {};
    if (!Number.isSafeInteger(major) || !Number.isSafeInteger(minor))
      throw this.damage("no format of the store");
    const head = line as unknown as Head;
    checkReadable({ ...head.store, by: head.version }, OWN_FORMAT, `reading the store in ${this.file}`);
    return head;
  }

  private checkPart({ part, mtime }: Partial<PartHead>, names: ReadonlySet<string>) {
    if (typeof part !== "string" || !isPartName(part) || names.has(part))
      throw this.damage(`a part ${JSON.stringify(part).slice(0, 80)}, which no backup has, or only once`);
    return { name: part, mtime: typeof mtime === "number" && mtime >= 0 && mtime <= LATEST ? mtime : 0 };
  }

  private async checkEnd({ parts, sha256 }: Partial<FileEnd>, seen: number, digest: string): Promise<void> {
    if (parts !== seen || sha256 !== digest) throw this.damage("the checksum of the whole is another");
    if (this.rest.length > 0 || !(await this.next()).done) throw this.damage("more behind its end");
  }

  /** One line of JSON. */
  private async line(): Promise<Record<string, unknown>> {
    for (;;) {
      const end = this.rest.indexOf(10);
      if (end > LONGEST_LINE || (end < 0 && this.rest.length > LONGEST_LINE))
        throw this.damage("no line where one must be");
      if (end >= 0) return this.parse((await this.take(end + 1)).toString("utf8"));
      await this.more();
    }
  }

  private parse(text: string): Record<string, unknown> {
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "object" && value !== null && !Array.isArray(value))
        return value as Record<string, unknown>;
    } catch {
      // Told below.
    }
    throw this.damage("no line where one must be");
  }

  private async take(size: number): Promise<Buffer> {
    if (this.rest.length < size) {
      const pieces = [this.rest];
      let length = this.rest.length;
      this.rest = Buffer.alloc(0);
      while (length < size) {
        await this.more();
        pieces.push(this.rest);
        length += this.rest.length;
        this.rest = Buffer.alloc(0);
      }
      this.rest = Buffer.concat(pieces);
    }
    const bytes = this.rest.subarray(0, size);
    this.rest = this.rest.subarray(size);
    this.at += size;
    this.whole.update(bytes);
    return bytes;
  }

  private async more(): Promise<void> {
    const { done, value } = await this.next();
    if (done) throw this.damage("it ends there");
    this.rest = this.rest.length === 0 ? value : Buffer.concat([this.rest, value]);
  }

  private async next(): Promise<IteratorResult<Buffer>> {
    try {
      return await this.source.next();
    } catch (error) {
      const { code = "", message } = error as NodeJS.ErrnoException;
      // Of its beginning; or nobody waits for it any more.
      if (error instanceof BowlineError || (error as Error).name === "AbortError") throw error;
      if (!code.startsWith("Z_") && code !== "ERR_STREAM_PREMATURE_CLOSE")
        throw unreadable(this.file, error as NodeJS.ErrnoException);
      throw this.damage(message === "unexpected end of file" ? "it ends there" : message);
    }
  }

  /** What is unpacked comes in pieces, so the byte is the last that it can be. */
  private damage(seen: string): BowlineError {
    const place = `before byte ${this.unzipped.bytesWritten} of the file; unpacked ${this.at} bytes were read`;
    return damagedBackup(this.file, `${seen}, in ${this.within}, ${place}`);
  }

  private newer(format: number, version: unknown): BowlineError {
    const by = typeof version === "string" && /^\d+\.\d+\.\d+[\w.-]*$/.test(version) ? ` ${version}` : "";
    const text = `reading the backup ${this.file}: its format is ${format}; this release reads up to ${BACKUP_FORMAT}`;
    const mend = `install the release that wrote it: bowline${by}`;
    return new BowlineError("BACKUP_NEWER", text, ExitCode.verification, mend);
  }
}
