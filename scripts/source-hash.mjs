// One hash over everything dist is made from, so that a changed source, and nothing else, makes dist old.
// Contents, not times: a checkout gives old sources new times.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const files = ["package.json", "package-lock.json", "tsconfig.json"];
const folders = ["scripts", "shared", "device", "host", "client", "component", "bench", "proof"];

/** root: the directory of package.json -> hex digest of the paths and contents of all sources but the tests. */
export function sourceHash(root) {
  const hash = createHash("sha256");
  for (const path of listSources(root)) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

function listSources(root) {
  const paths = folders.flatMap((folder) => listFolder(root, folder));
  return [...files, ...paths.filter((path) => !/\.test\.|__pycache__/.test(path))].sort();
}

/** A room that does not exist has no files. */
function listFolder(root, folder) {
  try {
    return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}
