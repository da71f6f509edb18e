// The packages that the bundle leaves outside, with what they need while they run: of their binaries those of one processor alone.
import { cp, mkdir, readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";

/** What is loaded as it is; scripts/build.mjs leaves it outside. */
const OUTSIDE = ["serialport", "classic-level"];

/** They are needed to compile, and their binaries are compiled. */
const COMPILING = ["node-addon-api", "napi-macros"];

/** Of a package that is compiled, its sources; of any, what nothing loads. */
const SOURCES = /^(deps|src|binding\.(gyp|cc))$/;
const UNUSED = /^(\..*|tests?|.*\.(md|ts|map|markdown))$/i;

/**
 * Copies them from the folder `root` into `target`. `prebuilds` is as node-gyp-build names it: linux-arm64.
 * Returns the folders, relative to `root`. Throws where one of them has no binary for it.
 */
export async function copyNativeModules(root, target, prebuilds) {
  const folders = await foldersOf(root);
  for (const folder of folders) {
    const from = join(root, folder);
    await mkdir(dirname(join(target, folder)), { recursive: true });
    const isCompiled = (await readdir(from)).includes("binding.gyp");
    const filter = (path) => isWanted(relative(from, path), isCompiled, prebuilds);
    await cp(from, join(target, folder), { recursive: true, filter });
    if (isCompiled) await refuseWithout(join(target, folder), prebuilds);
  }
  return folders;
}

function isWanted(path, isCompiled, prebuilds) {
  const parts = path.split("/");
  // Packages below it come on their own.
  if (parts[0] === "node_modules" || UNUSED.test(parts[0]) || (isCompiled && SOURCES.test(parts[0])))
    return false;
  if (/\.(d\.ts|map)$/.test(path) || path.includes(".musl.")) return false;
  return parts[0] !== "prebuilds" || parts.length === 1 || parts[1] === prebuilds;
}

async function refuseWithout(folder, prebuilds) {
  const names = await readdir(join(folder, "prebuilds", prebuilds)).catch(() => []);
  if (names.length === 0) throw new Error(`${basename(folder)} has no binary for ${prebuilds}`);
}

/** Folders of OUTSIDE and of all they depend on, as Node finds them. */
async function foldersOf(root) {
  const { packages } = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"));
  const found = new Set();
  const add = (name, from) => {
    if (COMPILING.includes(name)) return;
    const folder = resolveFrom(packages, name, from);
    if (folder === undefined)
      throw new Error(`${from || "bowline"} needs ${name}, which package-lock.json has not`);
    if (found.has(folder)) return;
    found.add(folder);
    for (const next of Object.keys(packages[folder].dependencies ?? {})) add(next, folder);
  };
  for (const name of OUTSIDE) add(name, "");
  return [...found].sort();
}

/** "debug" from "node_modules/a/node_modules/b": beside, then above. */
function resolveFrom(packages, name, from) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const folder = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (packages[folder] !== undefined) return folder;
    if (at === "") return undefined;
  }
}
