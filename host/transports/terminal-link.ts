/** The link by which a pseudo-terminal is found, whatever its number. */
import { readlinkSync, rmSync } from "node:fs";
import { rename, rm, symlink } from "node:fs/promises";
import { taken } from "../platform/replaceable.ts";

const TERMINALS = "/dev/pts/";

/**
 * Has `link` lead to `target`, by a rename: whoever opens it finds the old terminal or the new one, never nothing. Rejects with
 * PATH_TAKEN where anything but a link to a terminal is.
 */
export async function putLink(link: string, target: string): Promise<void> {
  const next = `${link}.${process.pid}`;
  for (const path of [link, next]) if (targetOf(path) === "other") refuse(path);
  await rm(next, { force: true });
  await symlink(target, next);
  try {
    if (targetOf(link) === "other") refuse(link);
    await rename(next, link);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}

/** Removes it, if it is a link to a terminal: what else stands there by now is somebody else's. */
export function removeLink(link: string): void {
  if (targetOf(link) === "terminal") rmSync(link, { force: true });
}

/** Throws as readlink(2) does where it cannot be told. */
function targetOf(path: string): "nothing" | "terminal" | "other" {
  try {
    return readlinkSync(path).startsWith(TERMINALS) ? "terminal" : "other";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "nothing";
    if (code === "EINVAL") return "other"; // no link
    throw error;
  }
}

function refuse(path: string): never {
  throw taken(
    "linking a terminal at",
    path,
    "something else is there",
    "a new path, or a link to a terminal",
  );
}
