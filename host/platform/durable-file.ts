/** Small files that are either the old ones or the new ones, whatever happens meanwhile. */
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes `text` as the whole of `path`, readable by its owner only: beside it, flushed, then renamed. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  await flushFolder(dirname(path));
}

/** A new name, or a removed one, survives a power cut only when its folder was flushed. */
export async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
