// Writes the licences of the packages that are bundled into dist: their terms ask to travel with every copy.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** inputs: the bundled files, relative to root. Throws when a package brings neither licence text nor name. */
export async function writeLicences(root, inputs, outfile) {
  const sections = [];
  for (const folder of packageFolders(inputs)) sections.push(await licenceOf(root, folder));
  await writeFile(outfile, `${sections.join(`\n${"-".repeat(78)}\n\n`)}`);
}

/** "node_modules/@a/b/node_modules/c/index.js" -> "node_modules/@a/b/node_modules/c" */
function packageFolders(inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.replaceAll("\\", "/"));
    if (match) folders.add(match[1]);
  }
  return [...folders].sort();
}

async function licenceOf(root, folder) {
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
  const files = await readdir(join(root, folder));
  const file = files.sort().find((file) => /^(licen[cs]e|copying)/i.test(file));
  if (file === undefined && license === undefined)
    throw new Error(`${folder} is bundled and names no licence`);
  const text = file === undefined ? "" : await readFile(join(root, folder, file), "utf8");
  return `${name} ${version}, ${license ?? "licence below"}\n\n${text.trim()}\n`;
}
