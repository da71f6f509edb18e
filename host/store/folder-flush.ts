/**
 * Makes the names of new logs as durable as what is in them. LevelDB begins a new log every few megabytes, flushes what
 * it writes there, and leaves the folder to chance: after a power cut the file may be gone, with all its commits. The
 * names of tables it makes safe itself, before anything refers to them.
 */
import { readdirSync, statSync } from "node:fs";
import { flushFolder } from "../platform/durable-file.ts";

/** A folder's time of change is as coarse as the kernel's clock, at most 10 ms: so long it cannot be told apart. */
const COARSE_MS = 50;
const LOG = /^\d+\.log$/;

export class FolderFlush {
  /** The folder's time when its names were last looked at, and nothing can have changed at that time any more. */
  private settled = -1n;
  private seen = -1n;
  private seenAt = 0;
  /** The newest log whose name is safe. */
  private newest: string | null = null;

  constructor(
    private readonly folder: string,
    private readonly flushFolderAt = flushFolder,
  ) {}

  /** Flushes the folder when a log came since it did last: one look at its time for most commits. */
  async flush(): Promise<void> {
    // Of a folder that is in use: answered from memory, faster than a promise is made.
    const { mtimeNs } = statSync(this.folder, { bigint: true });
    if (mtimeNs === this.settled) return;
    const now = performance.now();
    if (mtimeNs !== this.seen) [this.seen, this.seenAt] = [mtimeNs, now];
    const newest = newestLog(this.folder);
    if (newest !== this.newest) {
      await this.flushFolderAt(this.folder);
      this.newest = newest;
    }
    if (now - this.seenAt > COARSE_MS) this.settled = mtimeNs;
  }
}

/** "" when there is none. */
function newestLog(folder: string): string {
  let newest = "";
  let most = -1;
  for (const name of readdirSync(folder)) {
    if (!LOG.test(name) || Number.parseInt(name, 10) < most) continue;
    newest = name;
    most = Number.parseInt(name, 10);
  }
  return newest;
}
