/**
 * Checksums of LevelDB's tables, held against the files before it opens them. It checks no block that it reads: one
 * changed byte makes it look past messages, hand out what is wrong, or end the process by an assertion.
 *
 * A table never changes once it is complete. Its sum is taken while LevelDB has the folder closed, before it opens it and
 * after it closed it: what came in between and was not closed in order is not known yet.
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

  /** The name of a table that is not as it was; "" when there is none. Takes the sums of those that are new. */
  async verify(): Promise<string> {
    const known = await this.read();
    const sums: Record<string, Sum> = {};
    const names = (await readdir(this.folder)).filter((name) => TABLE.test(name));
    for (const name of names) {
      const bytes = await readFile(join(this.folder, name));
      const sum: Sum = [bytes.length, crc32(bytes)];
      if (known[name] !== undefined && String(known[name]) !== String(sum)) return name;
      sums[name] = sum;
    }
    await this.write(known, sums);
    return "";
  }

  /** Takes the sums of tables that are new. */
  async update(): Promise<void> {
    const known = await this.read();
    const sums: Record<string, Sum> = {};
    for (const name of await readdir(this.folder)) {
      if (!TABLE.test(name)) continue;
      const bytes = known[name] === undefined ? await readFile(join(this.folder, name)) : null;
      sums[name] = bytes === null ? known[name] : [bytes.length, crc32(bytes)];
    }
    await this.write(known, sums);
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

  private async write(known: Record<string, Sum>, sums: Record<string, Sum>): Promise<void> {
    const text = JSON.stringify({ sums });
    if (text !== JSON.stringify({ sums: known })) await writeDurably(this.path, `${text}\n`);
  }
}
