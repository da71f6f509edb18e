/** A test that does not tidy up is told of. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderForEach } from "../host/testing/folders.ts";
import { judgeLeftovers, leftovers } from "./leftovers.mjs";

const folder = folderForEach("leftovers");

function judge(names: string[]) {
  const lines: string[] = [];
  return { counts: judgeLeftovers(names, (line: string) => lines.push(line)), text: lines.join("\n") };
}

test("what tests made is left, what vitest and Node made is not", () => {
  for (const name of ["bowline-keys-aB3dE6", "x", "DK2DahgIY28afcycNo6vX", "-Ds0O8oegEO-sGDWbKiD2"])
    mkdirSync(join(folder(), name));
  writeFileSync(join(folder(), "bowline-sim-1.tty"), "");
  expect(leftovers(folder())).toEqual(["bowline-keys-aB3dE6", "bowline-sim-1.tty", "x"]);
});

test("nothing left is passed, and anything else failed with its kinds", () => {
  expect(judge([]).counts).toEqual({ passed: 1, failed: 0, skipped: 0 });
  const { counts, text } = judge(["bowline-keys-aB3dE6", "bowline-keys-qqqqq7", "bowline-sim-1.tty"]);
  expect(counts).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(text).toBe("✗ the tests left behind:\n  bowline-keys-…, 2 times\n  bowline-sim-1.tty");
});
