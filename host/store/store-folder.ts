/**
 * The data folder as the store uses it:
 *
 *   store/         LevelDB
 *   store.json     there is a store: without this file the first start makes one, with it a missing store is damage
 *   last-commit    number of the last commit (tail-mark.ts)
 *   tables.json    checksums of LevelDB's tables (table-sums.ts)
 */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../platform/durable-file.ts";
import { damage, storeFault } from "./store-fault.ts";
import { type Marker, markerText, OWN_FORMAT, readMarker, type StoreFormat } from "./store-format.ts";
import { TableSums } from "./table-sums.ts";
import { TailMark } from "./tail-mark.ts";

/** What LevelDB writes there. */
const CURRENT = /^MANIFEST-\d+\n$/;

export class StoreFolder {
  private readonly mark: TailMark;
  private readonly sums: TableSums;
  /** Tables that were there before LevelDB opened it. */
  private found: string[] = [];
  /** What store.json said; null: there was none. */
  marker: Marker | null = null;

  constructor(
    readonly path: string,
    private readonly own: StoreFormat = OWN_FORMAT,
  ) {
    this.mark = new TailMark(join(path, "last-commit"));
    this.sums = new TableSums(this.databasePath, join(path, "tables.json"));
  }

  /** Where LevelDB keeps its files. */
  get databasePath(): string {
    return join(this.path, "store");
  }

  private get markerPath(): string {
    return join(this.path, "store.json");
  }

  /** Makes the folder where there is none. Returns whether the store is to be made. Rejects with STORE_NEWER, too. */
  async prepare(): Promise<boolean> {
    return this.attempt("opening", async () => {
      await mkdir(this.databasePath, { recursive: true, mode: 0o700 });
      const text = await readText(this.markerPath);
      const marker = text === null ? null : readMarker(text, this.own, this.path);
      this.marker = marker;
      const current = await readText(join(this.databasePath, "CURRENT"));
      if (current !== null) {
        if (!CURRENT.test(current)) throw damage("the file CURRENT names no list of files", this.path);
        this.found = await this.sums.names();
        const damaged = await this.sums.verify();
        if (damaged !== "")
          throw damage(`the file ${join(this.databasePath, damaged)} has changed`, this.path);
        return false;
      }
      const files = await readdir(this.databasePath);
      if (marker === null && !files.some((name) => /\.(ldb|log)$/.test(name))) return true;
      throw damage("the file CURRENT is missing", this.path);
    });
  }

  /** The store is open and shows its last commit. Rejects when there was a later one. */
  async opened(lastCommit: number): Promise<void> {
    await this.attempt("opening", async () => {
      const noted = this.mark.read();
      if (noted > lastCommit)
        throw damage(`it ends with commit ${lastCommit}, and commit ${noted} was in it`, this.path);
      this.mark.open();
      await this.sums.take(this.found);
    });
  }

  /** From now on it is known what this is, in which form. `backup`: before a migration to the next. */
  async stamp(format: StoreFormat = this.own, backup?: string): Promise<void> {
    await this.attempt("opening", () => writeDurably(this.markerPath, markerText(format, backup)));
  }

  /** That commit was flushed. */
  note(commit: number): void {
    this.mark.write(commit);
  }

  /** `closeLevel` closes it. */
  async close(closeLevel: () => Promise<void>): Promise<void> {
    await this.attempt("closing", async () => {
      const complete = await this.sums.names();
      await closeLevel();
      this.mark.close();
      await this.sums.take(complete);
    });
  }

  private async attempt<T>(what: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw storeFault(error, `${what} the data folder ${this.path}`, this.path);
    }
  }
}

/** null: there is no such file. */
async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
