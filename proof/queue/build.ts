/** Programs of the model with faults in the code, bundled, and loaded beside those without. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { holdUsed, type Patch, patching, root } from "../patches.ts";
import type { race } from "./race.ts";
import type { search } from "./search.ts";

export async function buildSearch(patches: readonly Patch[]): Promise<typeof search> {
  return load<{ search: typeof search }>(await bundle("proof/queue/search.ts", patches)).search;
}

/** A race with the fault in both threads. */
export async function buildRace(
  patches: readonly Patch[],
): Promise<(seed: number, packets: number) => ReturnType<typeof race>> {
  const withdrawer = await bundle("proof/queue/withdrawer.ts", patches);
  const loaded = load<{ race: typeof race }>(await bundle("proof/queue/race.ts", patches));
  return (seed, packets) => loaded.race(withdrawer, seed, packets);
}

async function bundle(entry: string, patches: readonly Patch[]): Promise<string> {
  const used = new Set<Patch>();
  const { outputFiles } = await build({
    ...{ bundle: true, write: false, platform: "node", format: "cjs", target: "node20", logLevel: "silent" },
    entryPoints: [join(root, entry)],
    external: ["fast-check"],
    plugins: [patching(patches, used)],
  });
  holdUsed(patches, used);
  return outputFiles![0].text;
}

function load<T>(source: string): T {
  const loaded = { exports: {} as T };
  const run = new Function("module", "exports", "require", source);
  run(loaded, loaded.exports, createRequire(join(root, "package.json")));
  return loaded.exports;
}
