/** The gate as CI calls it: whatever npm says and however it ends, the last line is the counts and the status agrees. */
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { folderForEach } from "../host/testing/folders.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = folderForEach("ci");

/** The gate beside an npm, an apt-get and a sudo of the test's own. */
function gate(npm: string, { path = "" } = {}) {
  const bin = join(folder(), "bin");
  mkdirSync(join(folder(), ".ci"));
  mkdirSync(bin);
  copyFileSync(join(root, ".ci/run"), join(folder(), ".ci/run"));
  const put = (name: string, text: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  put("npm", npm);
  put("apt-get", `echo "$@" >> ${join(folder(), "apt")}; exit 100`);
  put("sudo", 'shift; exec "$@"');
  const env = { PATH: `${bin}:${path || process.env.PATH}`, HOME: folder() };
  const { status, stdout } = spawnSync("/bin/bash", [join(folder(), ".ci/run")], { env, encoding: "utf8" });
  return { status, lines: stdout.trimEnd().split("\n") };
}

test.each([
  ["what passed", "echo '7 passed, 0 failed'", 0, "7 passed, 0 failed"],
  ["what was skipped", "echo '7 passed, 0 failed, 2 skipped'", 0, "7 passed, 0 failed, 2 skipped"],
  ["what failed", "echo '6 passed, 1 failed'; exit 1", 1, "6 passed, 1 failed"],
  ["a notice behind it", "echo '7 passed, 0 failed'; echo 'npm notice' >&2", 0, "7 passed, 0 failed"],
  ["a set-up that fails", "echo 'setup: npm ci failed'; exit 1", 1, "0 passed, 1 failed"],
  ["a run that says nothing", "exit 0", 1, "0 passed, 1 failed"],
  ["a run that was killed", "kill -9 $$", 137, "0 passed, 1 failed"],
])("%s is told last", (_, npm, code, last) => {
  const { status, lines } = gate(npm);
  expect([status, lines.at(-1)]).toEqual([code, last]);
});

test("what cannot be installed is told, and the tests run without it", () => {
  const only = join(folder(), "only");
  mkdirSync(only);
  for (const name of ["env", "id", "mktemp", "tee", "grep", "tail", "rm", "dirname"]) {
    const path = ["/bin", "/usr/bin"].map((place) => join(place, name)).find((one) => existsSync(one))!;
    writeFileSync(join(only, name), `#!/bin/sh\nexec ${path} "$@"\n`);
    chmodSync(join(only, name), 0o755);
  }
  const { status, lines } = gate("echo '7 passed, 0 failed'", { path: only });
  expect(lines[0]).toMatch(/^ci: installing .*chromium .*/);
  expect(lines[1]).toMatch(/^ci: could not install .*; the tests that need them are skipped$/);
  expect([status, lines.at(-1)]).toEqual([0, "7 passed, 0 failed"]);
  expect(readFileSync(join(folder(), "apt"), "utf8")).toBe("update -qq\n");
});

test.skipIf(spawnSync("shellcheck", ["--version"]).status !== 0)("is clean (needs shellcheck)", () => {
  expect(spawnSync("shellcheck", [join(root, ".ci/run")], { encoding: "utf8" }).stdout).toBe("");
});
