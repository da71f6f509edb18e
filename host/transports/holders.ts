/** Who has a file or a socket open: pid and command, found in /proc. Processes of other users stay unseen without root. */
import { readdir, readFile, readlink, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";

export interface Holder {
  pid: number;
  /** Program and, where it is one, its script: `node zigbee2mqtt.js`. Never options: they may hold secrets. */
  command: string;
}

/**
 * The processes that hold open what `isWanted` says of a link in /proc/PID/fd (`/dev/ttyACM0`, `socket:[4711]`), by link.
 * `root` is where `proc` lies.
 */
export async function findHolders(
  isWanted: (link: string) => boolean,
  root = "/",
): Promise<Map<string, Holder[]>> {
  const holders = new Map<string, Holder[]>();
  for (const pid of await listPids(root)) {
    for (const link of await listOpen(join(root, "proc", pid))) {
      if (!isWanted(link)) continue;
      const holder = { pid: Number(pid), command: await readCommand(join(root, "proc", pid)) };
      holders.set(link, [...(holders.get(link) ?? []), holder]);
    }
  }
  return holders;
}

/** The other processes that hold a lock on a file (fcntl, as LevelDB's), not those that merely read it. */
export async function findLockHolders(path: string, root = "/"): Promise<Holder[]> {
  const place = await realpath(path).catch(() => "");
  if (place === "") return [];
  const lockers = lockersOf((await stat(place)).ino, await readText(join(root, "proc/locks")));
  if (lockers.length === 0) return [];
  const holders = (await findHolders((link) => link === place, root)).get(place) ?? [];
  return holders.filter(({ pid }) => lockers.includes(pid));
}

/** `pid 812 (node zigbee2mqtt.js), pid 900 (cat)`, or "" for none. */
export function formatHolders(holders: readonly Holder[]): string {
  return holders.map(({ pid, command }) => `pid ${pid} (${command})`).join(", ");
}

/** Of lines as `2: POSIX  ADVISORY  WRITE 812 fe:00:2195779 0 EOF`. */
function lockersOf(inode: number, locks: string): number[] {
  const pids = locks.split("\n").map((line) => {
    const [, kind, , access, pid, file = ""] = line.trim().split(/\s+/);
    const isHeld = kind === "POSIX" && access === "WRITE" && file.endsWith(`:${inode}`);
    return isHeld ? Number(pid) : process.pid;
  });
  return pids.filter((pid) => pid !== process.pid);
}

async function listPids(root: string): Promise<string[]> {
  return (await readdir(join(root, "proc")).catch(() => [])).filter((name) => /^\d+$/.test(name));
}

/** A process that ended or belongs to another user has nothing to show. */
async function listOpen(process: string): Promise<Set<string>> {
  const descriptors = await readdir(join(process, "fd")).catch(() => []);
  const links = await Promise.all(descriptors.map((fd) => readlink(join(process, "fd", fd)).catch(() => "")));
  return new Set(links);
}

async function readCommand(process: string): Promise<string> {
  const [program = "", argument = ""] = (await readText(join(process, "cmdline"))).split("\0");
  if (program === "") return (await readText(join(process, "comm"))).trim() || "unknown";
  const isScript = argument.includes("/") && !argument.startsWith("-");
  return isScript ? `${basename(program)} ${basename(argument)}` : basename(program);
}

const readText = (path: string) => readFile(path, "utf8").catch(() => "");
