/**
 * Makes the names of new files as durable as what is in them. LevelDB begins a new log every few megabytes, flushes what
 * it writes there, and leaves the folder to chance: after a power cut the file may be gone, with all its commits.
 */
import { statSync } from "node:fs";
import { flushFolder } from "../platform/durable-file.ts";

/** A folder's time of change is as coarse as the kernel's clock, at most 10 ms: so long it cannot be told apart. */
const COARSE_MS = 50;

export class FolderFlush {
  private flushed = -1n;
  private seen = -1n;
  private seenAt = 0;

  constructor(
    private readonly folder: string,
    private readonly flushFolderAt = flushFolder,
  ) {}

  /** Flushes the folder when files came or went since it did last: one look at its time for most commits. */
  async flush(): Promise<void> {
    // Of a folder that is in use: answered from memory, faster than a promise is made.
    const { mtimeNs } = statSync(this.folder, { bigint: true });
    if (mtimeNs === this.flushed) return;
    const now = performance.now();
    if (mtimeNs !== this.seen) [this.seen, this.seenAt] = [mtimeNs, now];
    await this.flushFolderAt(this.folder);
    if (now - this.seenAt > COARSE_MS) this.flushed = mtimeNs;
  }
}
