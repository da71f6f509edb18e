/** The proof of power cuts can fail: each of the two flushes is needed, and its absence is seen. */
import { expect, test } from "vitest";
import { cutPower } from "./power-cut.ts";

test("without the flush of commits, what was acknowledged is lost, and that is seen", async () => {
  await expect(cutPower(1, 20, { noFlush: true })).rejects.toThrow(
    /acknowledged, \d+ in the store|not opened: .*is missing/,
  );
});

test("without the flush of the folder, a new log is lost with its name, and that is seen", async () => {
  await expect(cutPower(1, 100, { noFolderFlush: true })).rejects.toThrow(
    /acknowledged, \d+ in the store|not opened: .* and commit \d+ was in it/,
  );
});
