/** Where the history is kept: a LevelDB of its own in the data folder, or memory where nothing is to outlive the process. */
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { BowlineError } from "../platform/errors.ts";
import type { Database } from "../store/database.ts";
import { LevelDatabase } from "../store/level-database.ts";
import { MemoryDatabase } from "../store/memory-database.ts";
import { damage, storeFault } from "../store/store-fault.ts";
import { TableSums } from "../store/table-sums.ts";

export interface Place {
  /** What it is called in errors. */
  readonly name: string;
  /** An open database. Rejects with a BowlineError: STORE_CORRUPT when what is there cannot be read. */
  open(): Promise<Database>;
  /** Sets what is there aside -> where it is now. */
  setAside(): Promise<string>;
  close(database: Database): Promise<void>;
}

/** Beside the store in the folder `data`, or in memory as it is. */
export function historyPlace(data: string): Place {
  return data === "memory" ? memoryPlace() : new HistoryFolder(data);
}

function memoryPlace(): Place {
  return {
    name: "memory",
    open: async () => new MemoryDatabase(),
    setAside: async () => "nowhere",
    close: async () => {},
  };
}

/** In the folder `data`: history/, and beside it the checksums of its tables (table-sums.ts). */
class HistoryFolder implements Place {
  readonly name: string;
  private readonly sums: TableSums;
  /** Tables that were there before LevelDB opened it. */
  private found: string[] = [];

  constructor(private readonly data: string) {
    this.name = join(data, "history");
    this.sums = new TableSums(this.name, this.sumsPath);
  }

  private get sumsPath(): string {
    return join(this.data, "history-tables.json");
  }

  open(): Promise<Database> {
    return this.attempt("opening", async () => {
      await mkdir(this.name, { recursive: true, mode: 0o700 });
      const isThere = await exists(join(this.name, "CURRENT"));
      this.found = await this.sums.names();
      const damaged = await this.sums.verify();
      if (damaged !== "") throw damage(`the file ${join(this.name, damaged)} has changed`, this.name);
      const database = new LevelDatabase(this.name);
      await database.open(!isThere);
      await this.sums.take(this.found);
      return database;
    });
  }

  /** One that was set aside before is no more: the disk is not to fill up with them. */
  setAside(): Promise<string> {
    return this.attempt("setting aside", async () => {
      const aside = `${this.name}.damaged`;
      await rm(aside, { recursive: true, force: true });
      await rename(this.name, aside);
      await rm(this.sumsPath, { force: true });
      return aside;
    });
  }

  async close(database: Database): Promise<void> {
    await this.attempt("closing", async () => {
      const complete = await this.sums.names();
      await database.close();
      await this.sums.take(complete);
    });
  }

  private async attempt<T>(what: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof BowlineError) throw error;
      throw storeFault(error, `${what} the history in ${this.name}`, this.name);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
