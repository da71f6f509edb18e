/** The scripts a board runs in P7, made with the firmware's own settings. */
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "esbuild";
import { clients, root } from "../root.ts";

type BuildDevice = (options: {
  entry: string;
  outfile: string;
  links: string;
  quiet: boolean;
}) => Promise<{ outfile: string }>;
type BundleFirmware = (root: string, entry: string) => Promise<{ code: string }>;

/** Bundled as the firmware is: in a folder that has this program in place of the firmware's library. */
export async function bundleClient(name: keyof typeof clients): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-bench-"));
  try {
    const isUsed = (path: string) => !path.includes(".test.") && !path.endsWith("testing");
    await cp(join(root, "shared"), join(folder, "shared"), { recursive: true, filter: isUsed });
    await cp(join(root, "bench/board"), join(folder, "bench/board"), { recursive: true });
    await mkdir(join(folder, "device"));
    await copyFile(join(root, "device/espruino.d.ts"), join(folder, "device/espruino.d.ts"));
    await writeFile(
      join(folder, "device/bowline.ts"),
      `import "../bench/board/${basename(clients[name].pathname)}";\n`,
    );
    await writeFile(join(folder, "device/main.ts"), 'import "./bowline.ts";\n');
    return await bundle(folder, "device/main.ts");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The whole firmware for a cable, as flashed. */
export function bundleStandard(): Promise<string> {
  return bundleProgram("device/main.ts");
}

/** A program for a board on a cable, as flashed: `entry` from the project's folder. */
export async function bundleProgram(entry: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-bench-"));
  try {
    const { buildDevice } = (await partOfDevice("build.mjs")) as { buildDevice: BuildDevice };
    const outfile = join(folder, "program.js");
    await buildDevice({ entry, outfile, links: "cable", quiet: true });
    return await readFile(outfile, "latin1");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same, of a program's text. */
export async function bundleText(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-bench-"));
  try {
    const entry = join(folder, "program.ts");
    await writeFile(entry, text);
    return await bundleProgram(entry);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Espruino's MQTT module, minified by the same settings, with what it exports in `global.mqtt`. */
export async function bundleMqtt(path: string): Promise<string> {
  const source = await readFile(path, "latin1");
  const { code } = await transform(`(function(exports){${source}})(global.mqtt={});`, {
    minifyWhitespace: true,
    minifyIdentifiers: true,
    charset: "ascii",
    legalComments: "none",
  });
  return code;
}

async function bundle(folder: string, entry: string): Promise<string> {
  const { bundleFirmware } = (await partOfDevice("bundle.mjs")) as { bundleFirmware: BundleFirmware };
  return (await bundleFirmware(folder, join(folder, entry))).code;
}

/** Not part of this bundle: it needs esbuild and a parser, and only this row does. */
function partOfDevice(file: string): Promise<unknown> {
  return import(pathToFileURL(join(root, "device", file)).href);
}
