// Writes the licences of the packages that are bundled into dist: their terms ask to travel with every copy.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** By these a copy may travel with ours; another one is read by a person before it stands here. */
const ALLOWED = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "Unlicense"];

/** Where package.json names none: what the licence file begins with. */
const BEGINNINGS = [[/^The MIT License|^MIT License/, "MIT"]];

/** Packages under MIT that bring no text of it -> who their package.json names; the terms are those of our own LICENSE. */
const HOLDERS = { tdigest: "Will Welch" };

/**
 * inputs: the bundled files, relative to root. Throws when a package has a licence that is not allowed, none, or
 * no text of it.
 */
export async function writeLicences(root, inputs, outfile) {
  const sections = [];
  for (const folder of packageFolders(inputs)) sections.push(await licenceOf(root, folder));
  await writeFile(outfile, `${sections.join(`\n${"-".repeat(78)}\n\n`)}`);
}

/** "node_modules/@a/b/node_modules/c/index.js" -> "node_modules/@a/b/node_modules/c" */
export function packageFolders(inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.replaceAll("\\", "/"));
    if (match) folders.add(match[1]);
  }
  return [...folders].sort();
}

/** Name, version and licence of a package, then the text it brings. */
export async function licenceOf(root, folder) {
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
  const text = (await textOf(root, folder, name))?.trim();
  const licence = license ?? BEGINNINGS.find(([beginning]) => beginning.test(text ?? ""))?.[1];
  const what = `bundling ${folder}: its licence is ${licence ?? "not named"}`;
  if (!ALLOWED.includes(licence)) throw new Error(`${what}; allowed: ${ALLOWED.join(", ")}`);
  if (!text) throw new Error(`${what}, and it brings no text of it, which its terms ask for`);
  return `${name} ${version}, ${licence}\n\n${text}\n`;
}

async function textOf(root, folder, name) {
  const files = (await readdir(join(root, folder))).sort();
  const file = files.find((name) => /^(licen[cs]e|copying)/i.test(name));
  if (file !== undefined) return await readFile(join(root, folder, file), "utf8");
  if (HOLDERS[name] === undefined) return undefined;
  const ours = await readFile(join(root, "LICENSE"), "utf8");
  return ours.replace(/^Copyright .*$/m, `Copyright (c) ${HOLDERS[name]}`);
}
