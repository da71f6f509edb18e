/** The command `bowline` is there before anything is built, and starts what was built. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { folderForEach } from "../host/testing/folders.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { bin, files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const clone = folderForEach("launcher");

function run(...args: string[]) {
  mkdirSync(join(clone(), "bin"), { recursive: true });
  copyFileSync(join(root, bin.bowline), join(clone(), "bin/bowline.mjs"));
  return spawnSync(process.execPath, [join(clone(), "bin/bowline.mjs"), ...args], { encoding: "utf8" });
}

test("it may be executed as it comes from git, and is in the package beside dist", () => {
  expect(statSync(join(root, bin.bowline)).mode & 0o100).toBe(0o100);
  expect(files).toEqual(expect.arrayContaining(["bin", "dist"]));
});

test("before the build it says what makes it", () => {
  const { status, stdout, stderr } = run("irc", "--help");
  expect([status, stdout]).toEqual([3, ""]);
  expect(stderr).toBe(
    `bowline: starting: ${clone()}/dist/bowline.mjs is not built yet [NOT_BUILT]\n  mend: npm --prefix ${clone()}/ run setup\n`,
  );
});

test("behind the build it is the program, with its words and its exit code", () => {
  mkdirSync(join(clone(), "dist"));
  writeFileSync(
    join(clone(), "dist/bowline.mjs"),
    "console.log(process.argv.slice(2).join()); process.exitCode = 7;",
  );
  expect(run("decode", "01")).toMatchObject({ status: 7, stdout: "decode,01\n", stderr: "" });
});
