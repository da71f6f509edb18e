/** A small data folder in this release's form, as one file: what the next releases must be able to take over. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OWN_FORMAT } from "../../store/store-format.ts";
import { fillFolder } from "./data-folder.ts";

export interface Fixture {
  format: number;
  minor: number;
  /** By their place in the folder, in base64. */
  files: Record<string, string>;
}

/** LevelDB's own diary, and its lock. */
const LEFT_OUT = ["LOG", "LOG.old", "LOCK"];

export async function makeFixture(): Promise<Fixture> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-fixture-"));
  try {
    const filling = { messages: 30, documents: 20 };
    // Twice: so there is a table, and a log.
    await fillFolder(folder, filling);
    await fillFolder(folder, filling);
    const { format, minor } = OWN_FORMAT;
    return { format, minor, files: await readAll(folder) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readAll(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || LEFT_OUT.includes(entry.name)) continue;
    files[path.slice(folder.length + 1)] = (await readFile(path)).toString("base64");
  }
  return Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
}
