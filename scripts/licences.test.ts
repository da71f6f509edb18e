/** What is bundled may travel with our copies, and its terms do. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { folderForEach } from "../host/testing/folders.ts";
import { licenceOf, packageFolders } from "./licences.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const place = folderForEach("licences");

function makePackage(description: object, files: Record<string, string> = {}) {
  mkdirSync(join(place(), "node_modules/one"), { recursive: true });
  const all = { "package.json": JSON.stringify({ name: "one", version: "1.2.3", ...description }), ...files };
  for (const [name, text] of Object.entries(all))
    writeFileSync(join(place(), "node_modules/one", name), text);
}
const read = () => licenceOf(place(), "node_modules/one");

test("a package stands there with its name, version, licence and text", async () => {
  makePackage({ license: "ISC" }, { "LICENSE.md": "\nUse it.\n" });
  expect(await read()).toBe("one 1.2.3, ISC\n\nUse it.\n");
});

test("a package whose licence only its file names is taken by how that begins", async () => {
  makePackage({}, { license: "The MIT License (MIT)\nCopyright" });
  expect(await read()).toMatch(/^one 1\.2\.3, MIT\n/);
});

test.each([
  [
    "an unknown licence",
    { license: "GPL-3.0-only" },
    { LICENSE: "text" },
    /its licence is GPL-3.0-only; allowed: 0BSD,/,
  ],
  ["no licence", {}, {}, /its licence is not named; allowed/],
  ["a licence file that no one knows", {}, { COPYING: "Ask me." }, /its licence is not named; allowed/],
  ["no text", { license: "MIT" }, { "README.md": "MIT" }, /its licence is MIT, and it brings no text of it/],
  ["an empty text", { license: "MIT" }, { LICENSE: " \n" }, /brings no text/],
])("%s ends the build", async (_, description, files: Record<string, string>, message) => {
  makePackage(description, files);
  await expect(read()).rejects.toThrow(message);
});

test("a package is found by any file of its own, a package within a package too", () => {
  const inputs = ["host/a.ts", "node_modules/@a/b/x/y.js", "node_modules/@a/b/node_modules/c/i.js"];
  expect(packageFolders(inputs)).toEqual(["node_modules/@a/b", "node_modules/@a/b/node_modules/c"]);
});

test("dist/LICENSES.txt has each package once, none without terms", () => {
  const sections = readFileSync(join(root, "dist/LICENSES.txt"), "utf8").split(`\n${"-".repeat(78)}\n\n`);
  const heads = sections.map((section) => section.split("\n")[0]);
  expect(heads.filter((head) => !/^\S+ \d+\.\d+\.\d+\S*, [A-Za-z0-9.-]+$/.test(head))).toEqual([]);
  expect(new Set(heads).size).toBe(heads.length);
  expect(heads.length).toBeGreaterThan(30);
  expect(sections.filter((section) => section.length < 500).map((section) => section.split("\n")[0])).toEqual(
    [],
  );
});
