// The static checks: types, lint and format, dead code, secrets. Each is one entry of the table and counts as one test.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isMain } from "./is-main.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

const tsc = "node_modules/typescript/bin/tsc";
const biome = "node_modules/@biomejs/biome/bin/biome";
const knip = "node_modules/knip/bin/knip.js";

const marks = { passed: "✓", failed: "✗" };

/** One row a check: its name in the output, then the tool (run by this same Node) and its arguments. */
const checks = [
  ["types: host, bench, tests", tsc, "--noEmit", "-p", "."],
  ["types: shared", tsc, "--noEmit", "-p", "shared"],
  ["types: device", tsc, "--noEmit", "-p", "device"],
  ["types: page", tsc, "--noEmit", "-p", "host/http/page"],
  ["lint and format", biome, "check", "--error-on-warnings", "."],
  ["dead code", knip, "--no-progress"],
  ["no secrets", "scripts/secrets.mjs"],
];

/** Runs every check, also after one has failed. -> {passed, failed, skipped} */
export function runChecks() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, tool, ...args] of checks) {
    const begin = performance.now();
    const result = spawnSync(process.execPath, [tool, ...args], { cwd: root, encoding: "utf8" });
    const ms = Math.round(performance.now() - begin);
    const outcome = result.status === 0 ? "passed" : "failed";
    counts[outcome]++;
    console.log(`${marks[outcome]} ${name} (${ms} ms)`);
    if (outcome === "failed") process.stdout.write(`${result.stdout}${result.stderr}${result.error ?? ""}\n`);
  }
  return counts;
}

if (isMain(import.meta.url)) process.exitCode = runChecks().failed === 0 ? 0 : 1;
