/**
 * The world of the schedules, bundled from the sources as they are: the gateway's code with the schedule's time and
 * chance in the place of Node's, and the firmware as text. A rule may be switched off on the way.
 */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { hold } from "../proof.ts";

/** A change of one place in a source. */
export interface Patch {
  file: string;
  find: string;
  put: string;
}

const root = findRoot(dirname(fileURLToPath(import.meta.url)));
const HERE = "proof/schedules";
/** What is itself the schedule's time and chance. */
const OURS = /virtual-(time|globals|crypto)\.ts$/;

/** The source of a worker that plays schedules, as CommonJS. */
export async function buildWorld(patches: readonly Patch[] = []): Promise<string> {
  const used = new Set<Patch>();
  const plugins = [patching(patches, used), virtualCrypto];
  const board = await bundle({
    entryPoints: [join(root, "device/testing/schedules.ts")],
    format: "iife",
    globalName: "boardProgram",
    platform: "neutral",
    // The board has a require() of its own.
    define: { require: "boardRequire" },
    plugins: [patching(patches, used)],
  });
  const world = await bundle({
    entryPoints: [join(root, HERE, "player.ts")],
    format: "cjs",
    platform: "node",
    target: "node20",
    inject: [join(root, HERE, "virtual-globals.ts")],
    define: { "Math.random": "virtualMathRandom", BOARD_SOURCE: JSON.stringify(board) },
    plugins,
  });
  for (const patch of patches)
    hold(used.has(patch), () => `${patch.file} is no part of what is played: ${patch.find}`);
  return world;
}

async function bundle(options: object): Promise<string> {
  const result = await build({
    bundle: true,
    write: false,
    logLevel: "silent",
    legalComments: "none",
    ...options,
  });
  return result.outputFiles![0].text;
}

/** Each patch must fit its file in exactly one place, or it would switch nothing off. */
function patching(patches: readonly Patch[], used: Set<Patch>): Plugin {
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

const virtualCrypto: Plugin = {
  name: "virtual crypto",
  setup({ onResolve }) {
    onResolve({ filter: /^node:crypto$/ }, ({ importer }) =>
      OURS.test(importer) ? undefined : { path: join(root, HERE, "virtual-crypto.ts") },
    );
  },
};

function findRoot(from: string): string {
  return existsSync(join(from, "package.json")) ? from : findRoot(dirname(from));
}
