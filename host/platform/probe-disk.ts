/** Whether a disk takes what is written, found out with one small file. */
import { rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "./durable-file.ts";

/** Rejects with what the system says, or ENOSPC when there is less than `room` bytes free. */
export async function probeDisk(folder: string, room: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < room)
    throw new Error(`ENOSPC: ${bavail * bsize} bytes are free in ${folder}, needed: ${room}`);
  const path = join(folder, "probe");
  await writeDurably(path, "may be removed\n");
  await rm(path);
}
