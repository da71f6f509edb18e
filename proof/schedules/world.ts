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
  plainBoard ??= buildBoard([], used);
  const plain = await plainBoard;
  const isTouched = patches.some(({ file }) => plain.inputs.has(file));
  const board = isTouched ? await buildBoard(patches, used) : plain;
  const { text } = await bundle({
    entryPoints: [join(root, HERE, "player.ts")],
    format: "cjs",
    platform: "node",
    target: "node20",
    inject: [join(root, HERE, "virtual-globals.ts")],
    define: { "Math.random": "virtualMathRandom", BOARD_SOURCE: JSON.stringify(board.text) },
    plugins,
  });
  holdUsed(patches, used);
  return text;
}

interface Bundle {
  text: string;
  /** The files it is made of, from the root of the repository. */
  inputs: Set<string>;
}

/** The firmware as it is: most rules are none of its. */
let plainBoard: Promise<Bundle> | null = null;

function buildBoard(patches: readonly Patch[], used: Set<Patch>): Promise<Bundle> {
  return bundle({
    entryPoints: [join(root, "device/testing/schedules.ts")],
    format: "iife",
    globalName: "boardProgram",
    platform: "neutral",
    // The board has a require() of its own.
    define: { require: "boardRequire" },
    plugins: [patching(patches, used)],
  });
}

async function bundle(options: object): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    logLevel: "silent",
    legalComments: "none",
    ...options,
  });
  return { text: outputFiles![0].text, inputs: new Set(Object.keys(metafile!.inputs)) };
}

const virtualCrypto: Plugin = {
  name: "virtual crypto",
  setup({ onResolve }) {
    onResolve({ filter: /^node:crypto$/ }, ({ importer }) =>
      OURS.test(importer) ? undefined : { path: join(root, HERE, "virtual-crypto.ts") },
    );
  },
};
