/** The database on disk: LevelDB, in a folder of its own. */
import { ClassicLevel } from "classic-level";
import { probeDisk } from "../platform/probe-disk.ts";
import type { Change, Database, Entry, Range } from "./database.ts";
import { FolderFlush } from "./folder-flush.ts";
import { storeFault } from "./store-fault.ts";

type Level = ClassicLevel<string, Buffer>;

/** What opening writes at most: its log as a table, and the new lists of files; in bytes. */
const ROOM_TO_OPEN = 16 << 20;

export class LevelDatabase implements Database {
  private level: Level | null = null;
  private readonly entries: FolderFlush;

  constructor(private readonly folder: string) {
    this.entries = new FolderFlush(folder);
  }

  /** Without `create` a missing file is an error: LevelDB would begin anew and delete what is left. */
  async open(create: boolean): Promise<void> {
    const level: Level = new ClassicLevel(this.folder, { keyEncoding: "utf8", valueEncoding: "buffer" });
    try {
      await level.open({ createIfMissing: create, errorIfExists: create });
    } catch (error) {
      await level.close().catch(() => {});
      throw storeFault(error, `opening the store in ${this.folder}`, this.folder);
    }
    this.level = level;
  }

  /** What is there stays readable as long as the disk takes nothing: only then is it closed to be opened again. */
  async reopen(): Promise<void> {
    try {
      await probeDisk(this.folder, ROOM_TO_OPEN);
    } catch (error) {
      throw storeFault(error, `writing to the store in ${this.folder}`, this.folder);
    }
    await this.close();
    await this.open(false);
  }

  async close(): Promise<void> {
    const level = this.level;
    this.level = null;
    await level?.close();
  }

  async write(changes: Change[], flush: boolean): Promise<void> {
    try {
      await this.opened.batch(changes as never, { sync: flush });
      if (flush) await this.entries.flush();
    } catch (error) {
      throw storeFault(error, `writing to the store in ${this.folder}`, this.folder);
    }
  }

  async read(range: Range): Promise<Entry[]> {
    try {
      return await this.opened.iterator(optionsOf(range)).all();
    } catch (error) {
      throw storeFault(error, `reading the store in ${this.folder}`, this.folder);
    }
  }

  async keys(range: Range): Promise<string[]> {
    try {
      return await this.opened.keys(optionsOf(range)).all();
    } catch (error) {
      throw storeFault(error, `reading the store in ${this.folder}`, this.folder);
    }
  }

  async compact(from: string, to: string): Promise<void> {
    await this.level?.compactRange(from, to);
  }

  private get opened(): Level {
    if (this.level === null) throw new Error("the store is not open");
    return this.level;
  }
}

function optionsOf({ gte, lt, limit = Infinity, reverse = false }: Range) {
  return { gte, lt, reverse, limit: limit === Infinity ? -1 : limit };
}
