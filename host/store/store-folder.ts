/**
 * The data folder as the store uses it:
 *
 *   store/         LevelDB
 *   store.json     there is a store: without this file the first start makes one, with it a missing store is damage
 *   closed.json    number of the last commit when the store was closed in order; gone while it is open
 */
import { access, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../platform/durable-file.ts";
import type { BowlineError } from "../platform/errors.ts";
import { damage, storeFault } from "./store-fault.ts";

const FORMAT = 1;

export class StoreFolder {
  constructor(readonly path: string) {}

  /** Where LevelDB keeps its files. */
  get databasePath(): string {
    return join(this.path, "store");
  }

  /** Makes the folder where there is none. Returns whether the store is to be made. */
  async prepare(): Promise<boolean> {
    try {
      await mkdir(this.databasePath, { recursive: true, mode: 0o700 });
      const marker = await readJson(join(this.path, "store.json"));
      const format = (marker as { format?: unknown } | null)?.format;
      if (marker !== null && format !== FORMAT)
        throw damage(
          `store.json says format ${JSON.stringify(format)}; this release reads ${FORMAT}`,
          this.path,
        );
      if (await exists(join(this.databasePath, "CURRENT"))) return false;
      const files = await readdir(this.databasePath);
      if (marker === null && !files.some((name) => /\.(ldb|log)$/.test(name))) return true;
      throw damage("the file CURRENT is missing", this.path);
    } catch (error) {
      throw storeFault(error, `opening the data folder ${this.path}`, this.path);
    }
  }

  /** The store is open and shows its last commit. Says what is wrong when it was closed with a later one. */
  async opened(lastCommit: number): Promise<BowlineError | null> {
    const closed = (await readJson(join(this.path, "closed.json"))) as { commit?: number } | null;
    const commit = closed?.commit ?? 0;
    if (commit > lastCommit)
      return damage(`it ends with commit ${lastCommit}, and was closed with ${commit}`, this.path);
    await writeDurably(join(this.path, "store.json"), `${JSON.stringify({ format: FORMAT })}\n`);
    await rm(join(this.path, "closed.json"), { force: true });
    return null;
  }

  async closed(lastCommit: number): Promise<void> {
    await writeDurably(join(this.path, "closed.json"), `${JSON.stringify({ commit: lastCommit })}\n`);
  }
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((error) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
