/** The model's search with faults in the code, bundled and loaded beside the one without. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { holdUsed, type Patch, patching, root } from "../patches.ts";
import type { search } from "./search.ts";

export async function buildSearch(patches: readonly Patch[]): Promise<typeof search> {
  const used = new Set<Patch>();
  const { outputFiles } = await build({
    ...{ bundle: true, write: false, platform: "node", format: "cjs", target: "node20", logLevel: "silent" },
    entryPoints: [join(root, "proof/queue/search.ts")],
    external: ["fast-check"],
    plugins: [patching(patches, used)],
  });
  holdUsed(patches, used);
  const loaded = { exports: {} as { search: typeof search } };
  const load = new Function("module", "exports", "require", outputFiles![0].text);
  load(loaded, loaded.exports, createRequire(join(root, "package.json")));
  return loaded.exports.search;
}
