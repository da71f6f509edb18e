/** `bowline flash --backups`: what boards held before they were flashed. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { loadBackup } from "../../flash/backup.ts";
import { printListing } from "../output/listing.ts";
import { formatDate } from "../output/message-line.ts";
import type { Column } from "../output/table.ts";
import type { Terminal } from "../process/terminal.ts";

interface BackupRow {
  path: string;
  board: string;
  serial: string;
  at: string;
  /** Names and sizes, as text. */
  holds: string;
}

const columns: readonly Column<BackupRow>[] = [
  { title: "backup", value: ({ path }) => path },
  { title: "board", value: ({ board }) => board },
  { title: "serial number", value: ({ serial }) => serial },
  { title: "made", value: ({ at }) => formatDate(Date.parse(at)) },
  { title: "holds", value: ({ holds }) => holds, isText: true },
];

export async function listBackups(
  folder: string,
  options: { json?: boolean },
  terminal: Terminal,
): Promise<void> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json")).sort();
  const rows: BackupRow[] = [];
  for (const name of names) {
    const path = join(folder, name);
    try {
      const { board, serial, at, files } = await loadBackup(path);
      rows.push({ path, board, serial, at, holds: contents(files) });
    } catch (error) {
      terminal.warn((error as Error).message);
    }
  }
  printListing(
    { rows, columns, nothing: `no board was flashed from here: ${folder} has no backup` },
    options,
    terminal,
  );
}

function contents(files: Readonly<Record<string, string>>): string {
  const sizes = Object.entries(files).map(([name, text]) => `${name} ${Buffer.from(text, "base64").length}`);
  return sizes.length === 0 ? "nothing" : sizes.join(", ");
}
