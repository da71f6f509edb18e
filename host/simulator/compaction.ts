/**
 * Compaction of Storage: files move to the front, page by page, and what was replaced is gone.
 *
 * A page is erased and written again only when everything of it has been read; what has been read and not yet written is in
 * RAM, so a power cut during it may lose files. So it is on boards.
 */
import type { FlashMemory } from "./flash-memory.ts";

/** Files with their header and padding, in the order of their addresses; `end`: where the last header of any kind ends. */
export interface CompactionPlan {
  /** First page with a replaced file in it that no file reaches into from before. */
  start: number;
  files: readonly { address: number; length: number }[];
  end: number;
}

const PIECE = 256;

export function compact(memory: FlashMemory, { start, files, end }: CompactionPlan): void {
  let waiting: Uint8Array = new Uint8Array(0);
  let target = start;

  /** Writes what it may without touching a page that is still to be read from `source` on. */
  function writeUpTo(source: number): void {
    while (waiting.length > 0) {
      const nextPage = memory.pageStart(target) + memory.geometry.pageBytes;
      if (source < nextPage) return;
      if (target === memory.pageStart(target)) memory.erasePage(target);
      const size = Math.min(waiting.length, nextPage - target);
      memory.write(target, waiting.subarray(0, size));
      target += size;
      waiting = waiting.subarray(size);
    }
  }

  for (const { address, length } of files) {
    for (let done = 0; done < length; done += PIECE) {
      const piece = memory.read(address + done, Math.min(PIECE, length - done));
      waiting = Buffer.concat([waiting, piece]);
      writeUpTo(address + done + piece.length);
    }
  }
  writeUpTo(memory.capacity);
  const { pageBytes } = memory.geometry;
  for (let page = Math.ceil(target / pageBytes) * pageBytes; page < end; page += pageBytes)
    memory.erasePage(page);
}
