/**
 * How a folder that was made of a backup takes the place of the one that is there. A cut leaves that one, or for the moment both
 * beside each other; where that cannot be, a mark with which no gateway starts.
 *
 *   a folder   DATA.new, filled and flushed ─▶ DATA to DATA.before-TIME ─▶ DATA.new to DATA
 *   a mount    DATA/restore.new, filled and flushed ─▶ mark ─▶ what is in DATA to DATA/before-TIME ─▶ what is in restore.new to DATA ─▶ no mark
 */
import { existsSync } from "node:fs";
import { readdir, readFile, readlink, realpath, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UNFINISHED_RESTORE } from "../platform/data-folder.ts";
import { flushFolder, writeDurably } from "../platform/durable-file.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { makePrivateFolder } from "../platform/folder-owner.ts";

export interface Place {
  /** Without links. */
  target: string;
  /** Where it is made first, on the same file system. */
  beside: string;
  /** It cannot be renamed: a volume of a container, a disk of its own. */
  isMount: boolean;
}

const INSIDE = "restore.new";
/** Of a mount, what is neither data nor in the way. */
const STAYING = /^(lost\+found|restore\.new|before-\d{8}T\d{6}Z(-\d+)?)$/;

/** Rejects with ELOOP where links lead in a circle. */
export async function placeOf(data: string): Promise<Place> {
  const target = await realPath(resolve(data));
  const isMount = (await mountPoints()).includes(target);
  return { target, beside: isMount ? join(target, INSIDE) : `${target}.new`, isMount };
}

/** Also of a link to what is not there yet, which is where it is to be made. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const link = await readlink(path).catch(() => null); // no link, or nothing at all
    return link === null ? path : realPath(resolve(dirname(path), link));
  }
}

/** Those that this process sees (proc(5), mountinfo); none where there is no such list. */
async function mountPoints(): Promise<string[]> {
  const text = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  const unescaped = (point: string) =>
    point.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
  // Escaped are blanks and backslashes, all below 128: what else a name has, stays.
  return text.split("\n").map((line) => unescaped(line.split(" ")[4] ?? ""));
}

/** What is in the way there; null: there is no such folder. */
export async function foundThere({ target, isMount }: Place): Promise<string[] | null> {
  const names = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return names === null || !isMount ? names : names.filter((name) => !STAYING.test(name));
}

/**
 * -> where it is what was there; "" for nothing. Rejects, with everything as it was but for what is beside; where not even that
 * can be, with RESTORE_STRANDED, which says what is where. `move`: of tests.
 */
export async function putInPlace(
  place: Place,
  isThere: boolean,
  move: typeof rename = rename,
): Promise<string> {
  const { target, beside, isMount } = place;
  await flushFolder(beside);
  const aside = isThere ? freeName(isMount ? join(target, "before") : `${target}.before`) : "";
  if (isMount) return await putInside(place, aside, move);
  // Over an empty folder a folder can be renamed.
  const moves: Move[] = isThere ? [[target, aside]] : [];
  await moveAll([...moves, [beside, target]], move);
  await flushFolder(dirname(target));
  return aside;
}

/** Of this second; whoever restores twice in one has two. */
function freeName(start: string): string {
  const first = `${start}-${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}`;
  for (let name = first, count = 2; ; name = `${first}-${count++}`) if (!existsSync(name)) return name;
}

async function putInside(place: Place, aside: string, move: typeof rename): Promise<string> {
  const { target, beside } = place;
  const mark = join(target, UNFINISHED_RESTORE);
  const old = aside === "" ? [] : ((await foundThere(place)) ?? []);
  // Of an earlier restore that was cut off: what is there is not whole, whatever becomes of this one.
  const wasMarked = existsSync(mark);
  if (aside !== "") makePrivateFolder(aside);
  await writeDurably(mark, "");
  const moves = [
    ...old
      .filter((name) => name !== UNFINISHED_RESTORE)
      .map((name): Move => [join(target, name), join(aside, name)]),
    ...(await readdir(beside)).map((name): Move => [join(beside, name), join(target, name)]),
  ];
  try {
    await moveAll(moves, move);
  } catch (error) {
    if ((error as BowlineError).code !== "RESTORE_STRANDED") {
      if (!wasMarked) await rm(mark);
      if (aside !== "") await rmdir(aside);
    }
    throw error;
  }
  if (aside !== "") await flushFolder(aside);
  await rmdir(beside);
  await flushFolder(target);
  await rm(mark);
  await flushFolder(target);
  return aside;
}

type Move = readonly [from: string, to: string];

/** All of them, or none. */
async function moveAll(moves: readonly Move[], move: typeof rename): Promise<void> {
  const done: Move[] = [];
  try {
    for (const one of moves) {
      await move(...one);
      done.push(one);
    }
  } catch (error) {
    for (const one of done.reverse()) {
      const [from, to] = one;
      await move(to, from).catch((second) => {
        throw stranded(one, error as Error, second);
      });
    }
    throw error;
  }
}

function stranded([from, to]: Move, first: Error, second: Error): BowlineError {
  const text = `restoring: ${first.message}; and putting back what was moved: ${second.message}; ${from} is in ${to}`;
  return new BowlineError("RESTORE_STRANDED", text, ExitCode.failure, `mv ${to} ${from}`);
}
