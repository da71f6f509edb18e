/** The backup that a verb is to read: a file, or what comes by stdin. */
import { resolve } from "node:path";
import type { BackupSource } from "../../backup/read-backup.ts";
import type { Terminal } from "../process/terminal.ts";

const STDIN = "-";

/** `file`: what people and programs are told that it is. */
export function backupNamed(name: string, terminal: Terminal): { source: BackupSource; file: string } {
  if (name === STDIN) return { source: { name: "stdin", bytes: terminal.input }, file: "stdin" };
  const file = resolve(terminal.cwd, name);
  return { source: file, file };
}
