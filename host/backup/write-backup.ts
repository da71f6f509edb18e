/** A backup's bytes, from what a gateway or a data folder gives. */
import { createHash } from "node:crypto";
import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { version } from "../../package.json";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { Entry, Snapshot } from "../store/database.ts";
import type { StoreFormat } from "../store/store-format.ts";
import { encodeEntries } from "./entries.ts";
import {
  BACKUP_FORMAT,
  CONFIGURATION,
  FILES,
  type FileEnd,
  type Head,
  HISTORY,
  LARGEST_FILE,
  type PartEnd,
  type PartHead,
  STORE,
} from "./format.ts";

/** What is to be kept, all of one moment. */
export interface Sources {
  gateway: string;
  /** The data folder. */
  data: string;
  format: StoreFormat;
  store: Snapshot;
  history?: Snapshot;
  /** Path of the configuration file, where there was one. */
  configuration?: string;
}

/** A gateway has its boards to think of: little CPU, and half of the size all the same. */
const LEVEL = 1;

/** The whole file. Reading rejects with what could not be read; when it is over, or broken off, the snapshots are closed. */
export function backupStream(sources: Sources): Readable {
  const close = () => {
    for (const one of [sources.store, sources.history]) one?.close().catch(() => {}); // that the store fails is told by whoever reads it
  };
  // Errors of the source come out at the end of the pipe, to whoever reads there.
  return pipeline(Readable.from(new Writing(sources).pieces()), createGzip({ level: LEVEL }), close);
}

interface KeptFile extends PartHead {
  bytes: Buffer;
}

class Writing {
  private readonly whole = createHash("sha256");
  private parts = 0;

  constructor(private readonly sources: Sources) {}

  async *pieces(): AsyncGenerator<Buffer, undefined> {
    const { gateway, data, format, store, history, configuration } = this.sources;
    const { format: major, minor } = format;
    yield this.line({
      ...{ bowline: "backup", format: BACKUP_FORMAT, version, gateway },
      ...{ at: new Date().toISOString(), store: { format: major, minor } },
    } satisfies Head);
    const files = await readFiles(data);
    if (configuration !== undefined) files.push(...(await readKept(configuration, CONFIGURATION)));
    for (const { part, mtime, bytes } of files) yield* this.part({ part, mtime }, [bytes]);
    if (history !== undefined) yield* this.part({ part: HISTORY, mtime: 0 }, encoded(history));
    yield* this.part({ part: STORE, mtime: 0 }, encoded(store));
    const end: FileEnd = { parts: this.parts, sha256: this.whole.digest("hex") };
    yield Buffer.from(`${JSON.stringify(end)}\n`);
  }

  private async *part(
    head: PartHead,
    chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  ): AsyncGenerator<Buffer, undefined> {
    const own = createHash("sha256");
    let size = 0;
    yield this.line(head);
    for await (const chunk of chunks) {
      if (chunk.length === 0) continue;
      own.update(chunk);
      size += chunk.length;
      yield this.taken(sizeOf(chunk.length));
      yield this.taken(chunk);
    }
    yield this.taken(sizeOf(0));
    yield this.line({ bytes: size, sha256: own.digest("hex") } satisfies PartEnd);
    this.parts++;
  }

  private line(value: object): Buffer {
    return this.taken(Buffer.from(`${JSON.stringify(value)}\n`));
  }

  private taken(bytes: Buffer): Buffer {
    this.whole.update(bytes);
    return bytes;
  }
}

function sizeOf(size: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(size);
  return bytes;
}

async function* encoded(entries: AsyncIterable<Entry[]>): AsyncGenerator<Buffer, undefined> {
  for await (const some of entries) yield encodeEntries(some);
}

/** Those that belong into a backup. */
async function readFiles(data: string): Promise<KeptFile[]> {
  const kept: KeptFile[] = [];
  for (const [folder, pattern] of FILES) {
    const place = join(data, folder);
    const names = (await listed(place)).filter((one) => one.isFile() && pattern.test(one.name));
    for (const { name } of names.sort((a, b) => (a.name < b.name ? -1 : 1)))
      kept.push(...(await readKept(join(place, name), folder === "" ? name : `${folder}/${name}`)));
  }
  return kept;
}

async function listed(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw unreadable(folder, (error as Error).message);
  }
}

/** Nothing for one that has gone meanwhile: a key that was taken. */
async function readKept(path: string, part: string): Promise<KeptFile[]> {
  try {
    const { mtimeMs, size } = await stat(path);
    if (size > LARGEST_FILE) throw new Error(`it has ${size} bytes; allowed: ${LARGEST_FILE}`);
    return [{ part, mtime: Math.round(mtimeMs), bytes: await readFile(path) }];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw unreadable(path, (error as Error).message);
  }
}

function unreadable(path: string, seen: string): BowlineError {
  const text = `making a backup: reading ${path}: ${seen}`;
  return new BowlineError("BACKUP_UNREADABLE", text, ExitCode.failure, `ls -ld ${path}`);
}
