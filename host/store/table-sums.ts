/**
 * Checksums of LevelDB's tables, held against the files before it opens them. It checks no block that it reads: one
 * changed byte makes it look past messages, hand out what is wrong, or end the process by an assertion.
 *
 * A table never changes once it is complete. Those are complete that were there before LevelDB opened the folder, or
 * before it closed it; the sums are taken after that, while the folder is ours. What came in between and was not closed
 * in order is not known yet.
 *
 *   tables.json    {"sums":{"000005.ldb":[bytes,crc],…}}
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { writeDurably } from "../platform/durable-file.ts";

const TABLE = /\.(ldb|sst)$/;

type Sum = [bytes: number, crc: number];

export class TableSums {
  constructor(
    /** LevelDB's folder, and the file for the sums. */
    private readonly folder: string,
    private readonly path: string,
  ) {}

  /** The names of the tables that are there now. */
  async names(): Promise<string[]> {
    return (await readdir(this.folder)).filter((name) => TABLE.test(name));
  }

  /** The name of a table that is not as it was; "" when there is none. Another process may have the folder. */
  async verify(): Promise<string> {
    const known = await this.read();
    for (const name of await this.names()) {
      if (known[name] === undefined) continue;
      const sum = await this.sumOf(name);
      if (sum !== null && String(known[name]) !== String(sum)) return name;
    }
    return "";
  }

  /** Takes the sums of the tables among `complete` that are new. */
  async take(complete: readonly string[]): Promise<void> {
    const known = await this.read();
    const sums: Record<string, Sum> = {};
    for (const name of complete) {
      const sum = known[name] ?? (await this.sumOf(name));
      if (sum !== null) sums[name] = sum;
    }
    const text = JSON.stringify({ sums });
    if (text !== JSON.stringify({ sums: known })) await writeDurably(this.path, `${text}\n`);
  }

  /** null: LevelDB has deleted it meanwhile. */
  private async sumOf(name: string): Promise<Sum | null> {
    try {
      const bytes = await readFile(join(this.folder, name));
      return [bytes.length, crc32(bytes)];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  /** What cannot be read is as if it were not there: it can only be missed. */
  private async read(): Promise<Record<string, Sum>> {
    const text = await readFile(this.path, "utf8").catch((error) => {
      if (error.code === "ENOENT") return "{}";
      throw error;
    });
    try {
      return JSON.parse(text).sums ?? {};
    } catch {
      return {};
    }
  }
}
