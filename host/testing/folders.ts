/** A folder of its own for each test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";

/** -> where it is; removed after the test, and after all that was to be stopped (stops.ts) if that was said later. */
export function folderForEach(name: string): () => string {
  let path = "";
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), `bowline-${name}-`));
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));
  return () => path;
}
