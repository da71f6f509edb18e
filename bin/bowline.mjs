#!/usr/bin/env node
// The command `bowline` of a clone and of the package: starts what the build has made, or says how it is made. It is no part of
// the build itself: npx remembers for good which commands a clone had when it looked first.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const program = new URL("../dist/bowline.mjs", import.meta.url);

if (existsSync(program)) await import(program.href);
else {
  const folder = fileURLToPath(new URL("..", import.meta.url));
  console.error(`bowline: starting: ${fileURLToPath(program)} is not built yet [NOT_BUILT]`);
  console.error(`  mend: npm --prefix ${folder} run setup`);
  process.exitCode = 3;
}
