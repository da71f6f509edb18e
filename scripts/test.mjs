// `npm test`: the static checks, then vitest; the last line is the sum of both. With arguments
// (`npm test -- shared/varint`) only vitest runs, and gets them.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChecks } from "./check.mjs";
import { countsFileVariable, formatCounts } from "./counts.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const nothing = { passed: 0, failed: 0, skipped: 0 };

const args = process.argv.slice(2);
const total = add(args.length === 0 ? runChecks() : nothing, await runVitest(args));
console.log(formatCounts(total));
process.exitCode = total.failed === 0 ? 0 : 1;

/** -> {passed, failed, skipped}; a vitest that ends badly without naming a failed test counts as one failure. */
async function runVitest(args) {
  const directory = mkdtempSync(join(tmpdir(), "bowline-test-"));
  try {
    const file = join(directory, "counts.json");
    const status = await exitStatus(["node_modules/vitest/vitest.mjs", "run", ...args], {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, [countsFileVariable]: file },
    });
    const counts = readCounts(file);
    return status !== 0 && counts.failed === 0 ? add(counts, { ...nothing, failed: 1 }) : counts;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Without a counts file vitest ended before its first test; what it printed says why, its status decides. */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return nothing;
    throw error;
  }
}

function exitStatus(args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, options);
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}
