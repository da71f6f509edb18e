/** Reading the machine's files: what is not there, or is not for us to read, is empty. */
import { readdir, readFile, readlink, realpath } from "node:fs/promises";
import { basename, join } from "node:path";

interface Rooted {
  readonly root: string;
}

export function readText({ root }: Rooted, path: string): Promise<string> {
  return readFile(join(root, path), "utf8").catch(() => "");
}

/** The names in a folder, sorted. */
export async function readFolder({ root }: Rooted, path: string): Promise<string[]> {
  return (await readdir(join(root, path)).catch(() => [])).sort();
}

/** Whether there is such a name: a file, a folder, or a link wherever it leads. */
export async function isThere({ root }: Rooted, path: string): Promise<boolean> {
  const target = await readlink(join(root, path)).catch((error) => error.code);
  return target !== "ENOENT" && target !== "ENOTDIR";
}

/** The last part of what a path leads to in the end; "" where it leads nowhere. */
export async function leadsTo({ root }: Rooted, path: string): Promise<string> {
  return basename(await realpath(join(root, path)).catch(() => ""));
}

/** The processes that run, by pid: their names, as `ps -e` has them. */
export async function readProcesses(machine: Rooted): Promise<Map<string, string>> {
  const pids = (await readFolder(machine, "proc")).filter((name) => /^\d+$/.test(name));
  const pairs = pids.map(async (pid) => [pid, (await readText(machine, `proc/${pid}/comm`)).trim()] as const);
  return new Map(await Promise.all(pairs));
}

export async function isRunning(machine: Rooted, name: string): Promise<boolean> {
  return [...(await readProcesses(machine)).values()].includes(name);
}
