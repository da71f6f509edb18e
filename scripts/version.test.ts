/** One version: package.json's. What is written where it cannot be read from there says the same. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { globSync } from "./glob.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const { version } = JSON.parse(read("package.json"));

test("is a release, with its lock file", () => {
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  const lock = JSON.parse(read("package-lock.json"));
  expect([lock.version, lock.packages[""].version]).toEqual([version, version]);
});

test("the firmware tells it in its hello, and the bundle has it", () => {
  expect(read("device/board.ts")).toContain(`export const FIRMWARE = "bowline ${version}";`);
  for (const name of ["firmware", "chaos"])
    expect(read(`dist/device/${name}.js`)).toContain(`"bowline ${version}"`);
});

test("the program and its manual page say it", () => {
  const stdout = execFileSync(process.execPath, [join(root, "dist/bowline.mjs"), "--version"], {
    encoding: "utf8",
  });
  expect(stdout).toBe(`${version}\n`);
  expect(read("dist/man/bowline.1")).toMatch(new RegExp(`^\\.TH .*${version}`, "m"));
});

test("is the newest that CHANGELOG.md tells of, with the day of its release", () => {
  const heads = [...read("CHANGELOG.md").matchAll(/^## \[(.+?)\](?: - (\S+))?$/gm)];
  expect(heads.map(([, name]) => name).slice(0, 2)).toEqual(["Unreleased", version]);
  expect(heads[1][2]).toMatch(/^20\d\d-[01]\d-[0-3]\d$/);
});

describe("the documents show no other", () => {
  const documents = [
    ...["README.md", "device/GUIDE.md", "component/README.md", "shared/PROTOCOL.md", "ARCHITECTURE.md"],
    ...globSync(root, ["docs"], /\.md$/),
  ];

  test.each(documents)("%s", (path) => {
    const shown = [...read(path).matchAll(/\bbowline[ _@-]v?(\d+\.\d+\.\d+)/g)].map((match) => match[1]);
    expect(shown.filter((one) => one !== version)).toEqual([]);
  });
});
