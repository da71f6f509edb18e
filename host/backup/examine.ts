/** What is in a backup: each part read and checked as a store checks itself, and counted. */
import type { Entry } from "../store/database.ts";
import { StoreCount, type StoreCounts } from "../store/store-count.ts";
import { decodeEntries } from "./entries.ts";
import { CONFIGURATION, damagedBackup, type Head, HISTORY, LARGEST_FILE, STORE } from "./format.ts";
import { type BackupSource, type Piece, readBackup } from "./read-backup.ts";

export interface BackupContents extends StoreCounts {
  gateway: string;
  /** ISO 8601. */
  at: string;
  /** Of the program that wrote it. */
  version: string;
  /** Keys of boards, and of other gateways. */
  keys: number;
  peerKeys: number;
  hasHistory: boolean;
  hasConfiguration: boolean;
  /** Other files, by their names. */
  files: string[];
}

/** Hears each piece while it is examined. */
export interface PieceListener {
  head?(head: Head): Promise<void>;
  entries?(part: typeof STORE | typeof HISTORY, entries: Entry[]): Promise<void>;
  file?(name: string, bytes: Buffer, mtime: number): Promise<void>;
  /** Messages so far. */
  progress?(messages: number): void;
}

/** Rejects as readBackup() does. */
export async function examineBackup(
  source: BackupSource,
  listener: PieceListener = {},
): Promise<BackupContents> {
  const examination = new Examination(typeof source === "string" ? source : source.name, listener);
  for await (const piece of readBackup(source)) await examination.take(piece);
  return examination.contents();
}

class Examination {
  private readonly count = new StoreCount();
  private readonly names: string[] = [];
  private head: Head | null = null;
  private file: Buffer[] = [];
  private fileBytes = 0;
  private mtime = 0;

  constructor(
    private readonly path: string,
    private readonly listener: PieceListener,
  ) {}

  async take(piece: Piece): Promise<void> {
    if (piece.kind === "head") {
      this.head = piece.head;
      await this.listener.head?.(piece.head);
    } else if (piece.kind === "part") {
      this.names.push(piece.name);
      this.file = [];
      this.fileBytes = 0;
      this.mtime = piece.mtime;
    } else if (piece.kind === "chunk") await this.takeChunk(piece.name, piece.bytes);
    else if (piece.kind === "end" && piece.name !== STORE && piece.name !== HISTORY)
      await this.listener.file?.(piece.name, Buffer.concat(this.file), this.mtime);
  }

  contents(): BackupContents {
    const { names, count, path } = this;
    const { gateway, at, version } = this.head!;
    if (!names.includes(STORE)) throw damagedBackup(path, "it has no store");
    const fault = count.fault();
    if (fault !== "") throw damagedBackup(path, `the store: ${fault}`);
    const within = (folder: string) => names.filter((name) => name.startsWith(`${folder}/`)).length;
    return {
      ...{ gateway, at, version, ...count.counts() },
      ...{ keys: within("keys"), peerKeys: within("peer-keys") },
      hasHistory: names.includes(HISTORY),
      hasConfiguration: names.includes(CONFIGURATION),
      files: names.filter((name) => !name.includes("/") && !parts.includes(name)),
    };
  }

  private async takeChunk(name: string, bytes: Buffer): Promise<void> {
    if (name !== STORE && name !== HISTORY) {
      this.file.push(bytes);
      this.fileBytes += bytes.length;
      if (this.fileBytes <= LARGEST_FILE) return;
      throw damagedBackup(this.path, `the part ${name} is a file of more than ${LARGEST_FILE} bytes`);
    }
    const entries = decodeEntries(bytes);
    if (entries === null) throw damagedBackup(this.path, `the part ${name} ends within an entry`);
    if (name === STORE) for (const [key, value] of entries) this.count.add(key, value);
    await this.listener.entries?.(name, entries);
    this.listener.progress?.(this.count.counts().messages);
  }
}

const parts: readonly string[] = [STORE, HISTORY, CONFIGURATION];
