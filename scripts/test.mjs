// `npm test`: the static checks, then vitest, then what its tests covered and left behind; the last line is the sum of all.
// With arguments (`npm test -- shared/varint`) only vitest runs, and gets them.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChecks } from "./check.mjs";
import { countsFileVariable, formatCounts } from "./counts.mjs";
import { judgeCoverage, readCoverage } from "./coverage.mjs";
import { FOLDER_PREFIX, judgeLeftovers, leftovers } from "./leftovers.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const nothing = { passed: 0, failed: 0, skipped: 0 };

const args = process.argv.slice(2);
/** Its own, and beside it that of the tests for temporary files: whatever they leave goes with it. */
const directory = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
const temporary = join(directory, "t");
mkdirSync(temporary);
// As /tmp is, and under no umask of the caller's: tests become another user, who has to reach what they have made.
process.umask(0o022);
chmodSync(directory, 0o755);
chmodSync(temporary, 0o1777);
try {
  const total = args.length === 0 ? await runEverything() : await runVitest(args);
  console.log(formatCounts(total));
  process.exitCode = total.failed === 0 ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function runEverything() {
  const folder = join(directory, "coverage");
  const checked = runChecks();
  const tested = await runVitest(["--coverage", `--coverage.reportsDirectory=${folder}`]);
  const covered = runCoverage(join(folder, "coverage-final.json"));
  return [checked, tested, covered, judgeLeftovers(leftovers(temporary))].reduce(add);
}

/** Of a run that ended before its report nothing is known. */
function runCoverage(file) {
  if (existsSync(file)) return judgeCoverage(readCoverage(root, file));
  console.log("✗ coverage: the run of the tests ended without telling it");
  return { ...nothing, failed: 1 };
}

/** -> {passed, failed, skipped}; a vitest that ends badly without naming a failed test counts as one failure. */
async function runVitest(args) {
  const file = join(directory, "counts.json");
  const status = await exitStatus(["node_modules/vitest/vitest.mjs", "run", ...args], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, TMPDIR: temporary, [countsFileVariable]: file },
  });
  const counts = readCounts(file);
  return status !== 0 && counts.failed === 0 ? add(counts, { ...nothing, failed: 1 }) : counts;
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
