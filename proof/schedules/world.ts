/**
 * The world of the schedules, bundled from the sources as they are: the gateway's code with the schedule's time and
 * chance in the place of Node's, and the firmware as text. A rule may be switched off on the way.
 */

import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { holdUsed, type Patch, patching, root } from "../patches.ts";

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
  holdUsed(patches, used);
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

const virtualCrypto: Plugin = {
  name: "virtual crypto",
  setup({ onResolve }) {
    onResolve({ filter: /^node:crypto$/ }, ({ importer }) =>
      OURS.test(importer) ? undefined : { path: join(root, HERE, "virtual-crypto.ts") },
    );
  },
};
