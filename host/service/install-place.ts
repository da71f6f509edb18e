/** Where a service lies in a tree: of this machine, or of a folder that becomes one. */
import { lstat, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";

export const CONFIG_PATH = "/etc/bowline/bowline.yaml";
export const DATA_PATH = "/var/lib/bowline";
export const UNIT_PATH = "/etc/systemd/system/bowline.service";
export const WANTED_PATH = "/etc/systemd/system/multi-user.target.wants/bowline.service";
/** Where the Debian package has its unit. */
export const PACKAGED_UNIT_PATH = "/usr/lib/systemd/system/bowline.service";

export class Tree {
  constructor(readonly root: string) {}

  at(path: string): string {
    return join(this.root, path);
  }

  /** Is it the machine that runs? */
  get isLive(): boolean {
    return this.root === "/";
  }

  /** "" where there is no such file. */
  async read(path: string): Promise<string> {
    try {
      return await readFile(this.at(path), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
      throw error;
    }
  }

  async has(path: string): Promise<boolean> {
    try {
      await stat(this.at(path));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
  }

  /** A link, wherever it leads to. */
  async isLink(path: string): Promise<boolean> {
    try {
      return (await lstat(this.at(path))).isSymbolicLink();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
  }

  async remove(path: string): Promise<void> {
    await rm(this.at(path), { force: true });
  }

  /** Has `file` of user database form, /etc/passwd or /etc/group, an entry of that name? */
  async knows(file: "/etc/passwd" | "/etc/group", name: string): Promise<boolean> {
    return (await this.read(file)).split("\n").some((line) => line.startsWith(`${name}:`));
  }
}
