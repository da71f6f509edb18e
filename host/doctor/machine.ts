/** The machine as the checks see it: its files, and what no file tells. */
import { existsSync } from "node:fs";
import { access, constants, stat, statfs } from "node:fs/promises";
import { createRequire } from "node:module";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { Config } from "../config/schema.ts";

export interface Machine {
  /** Where boot, dev, etc, proc, run, sys and usr lie. */
  readonly root: string;
  readonly platform: NodeJS.Platform;
  readonly nodeVersion: string;
  /** ms since 1970, as the machine believes. */
  readonly wallMs: number;
  readonly user: User;
  /** As a gateway that is started now has it; the defaults where the file cannot be read. */
  readonly config: Config;
  /** Why it cannot be read, and what mends it; null when it can. */
  readonly configFault: { message: string; mend: string } | null;
  /** Rejects when a package, or its native part, does not load. */
  load(name: NativePackage): Promise<unknown>;
  /** Where a package is installed; "" when it is not. */
  packageFolder(name: string): string;
  /** A file, or what a link leads to; undefined where there is none. `path` as in the machine: /dev/ttyACM0. */
  look(path: string): Promise<Node | undefined>;
  mayRead(path: string): Promise<boolean>;
  mayWrite(path: string): Promise<boolean>;
  /** Of the file system that a path lies on. */
  space(path: string): Promise<Space>;
}

export type NativePackage = "serialport" | "classic-level";

export interface User {
  name: string;
  uid: number;
  /** What this process has, which is what the user had when the session began. */
  groups: readonly number[];
}

export interface Node {
  uid: number;
  gid: number;
  /** Permission bits. */
  mode: number;
  /** Of a device; 0 for a file. */
  rdev: number;
  isFolder: boolean;
}

export interface Space {
  freeBytes: number;
  /** As statfs(2) has it. */
  type: number;
}

/** This machine, and who runs this process. */
export function thisMachine(settings: Pick<Machine, "config" | "configFault">): Machine {
  const root = "/";
  const may = (path: string, mode: number) =>
    access(join(root, path), mode).then(
      () => true,
      () => false,
    );
  return {
    ...settings,
    root,
    platform: process.platform,
    nodeVersion: process.versions.node,
    wallMs: Date.now(),
    user: thisUser(),
    load: (name) => loaders[name](),
    packageFolder,
    look: (path) => lookAt(join(root, path)),
    mayRead: (path) => may(path, constants.R_OK),
    mayWrite: (path) => may(path, constants.W_OK),
    space: (path) => spaceAt(join(root, path)),
  };
}

const loaders: Readonly<Record<NativePackage, () => Promise<unknown>>> = {
  serialport: () => import("serialport"),
  "classic-level": () => import("classic-level"),
};

function packageFolder(name: string): string {
  const places = createRequire(import.meta.url).resolve.paths(name) ?? [];
  return places.map((place) => join(place, name)).find((folder) => existsSync(folder)) ?? "";
}

export async function lookAt(path: string): Promise<Node | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  const { uid, gid, mode, rdev } = found;
  return { uid, gid, mode: mode & 0o777, rdev, isFolder: found.isDirectory() };
}

async function spaceAt(path: string): Promise<Space> {
  const { bavail, bsize, type } = await statfs(path);
  return { freeBytes: bavail * bsize, type };
}

/** A container may be given a user whom its files do not know: then there is only a number. */
export function thisUser(read: () => { username: string } = userInfo): User {
  const uid = process.getuid?.() ?? -1;
  const groups = [...(process.getgroups?.() ?? []), process.getegid?.() ?? -1];
  try {
    return { name: read().username, uid, groups };
  } catch {
    return { name: String(uid), uid, groups };
  }
}
