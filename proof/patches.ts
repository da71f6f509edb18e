/** Sources with a fault put into them on their way into a bundle, so that what should find it can show that it does. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { hold } from "./proof.ts";

/** A change of one place in a source. */
export interface Patch {
  file: string;
  find: string;
  put: string;
}

/** Of the repository, from the sources as from dist. */
export const root = findRoot(dirname(fileURLToPath(import.meta.url)));

/** Each patch must fit its file in exactly one place, or it would switch nothing off. */
export function patching(patches: readonly Patch[], used: Set<Patch>): Plugin {
  return {
    name: "patches",
    setup({ onLoad }) {
      if (patches.length === 0) return;
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const mine = patches.filter(({ file }) => file === relative(root, path));
        if (mine.length === 0) return undefined;
        let contents = await readFile(path, "utf8");
        for (const patch of mine) {
          const parts = contents.split(patch.find);
          if (parts.length !== 2)
            return { errors: [{ text: `${patch.file} has ${parts.length - 1} times: ${patch.find}` }] };
          contents = parts.join(patch.put);
          used.add(patch);
        }
        return { contents, loader: "ts" };
      });
    },
  };
}

/** A patch of a file that is not in the bundle would be no fault. */
export function holdUsed(patches: readonly Patch[], used: Set<Patch>): void {
  for (const patch of patches)
    hold(used.has(patch), () => `${patch.file} is no part of what is run: ${patch.find}`);
}

function findRoot(from: string): string {
  return existsSync(join(from, "package.json")) ? from : findRoot(dirname(from));
}
