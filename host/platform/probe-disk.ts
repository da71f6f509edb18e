/** Whether a disk takes what is written, found out with one file that is removed again. */
import { open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";

/** Rejects with what the system says, or ENOSPC when there is less than `room` bytes free; writes `bytes`. */
export async function probeDisk(folder: string, room: number, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < room)
    throw new Error(`ENOSPC: ${bavail * bsize} bytes are free in ${folder}, needed: ${room}`);
  const path = join(folder, "probe");
  try {
    const file = await open(path, "w", 0o600);
    try {
      await file.writeFile(Buffer.alloc(bytes));
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(path, { force: true });
  }
}
