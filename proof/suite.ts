/**
 * The command as people type it, bundled from the sources as they are, for the suite. In a process of its own it runs at
 * its real speed: under vitest every imported name is a look-up.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { buildDevice } from "../device/build.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Within reach of node_modules, for the bundle leaves packages outside. */
const CACHE = join(root, "node_modules/.cache");
/** Bundled CommonJS packages call require(), which an ES module does not have. */
const BANNER = `import { createRequire as bowlineCreateRequire } from "node:module";
const require = bowlineCreateRequire(import.meta.url);`;
const EXAMPLES = ["speaker", "listener", "calculator", "clock-ask", "clock-reply"];
/** The longest proof takes a tenth of it. */
const TIMEOUT_MS = 600_000;

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

export class ProveCommand {
  private constructor(private readonly folder: string) {}

  static async make(): Promise<ProveCommand> {
    await mkdir(CACHE, { recursive: true });
    const folder = await mkdtemp(join(CACHE, "bowline-prove-"));
    const common: BuildOptions = {
      ...{ bundle: true, platform: "node", format: "esm", target: "node20", logLevel: "warning" },
    };
    await build({
      ...common,
      entryPoints: [join(root, "proof/main.ts")],
      outfile: join(folder, "prove.mjs"),
      packages: "external",
    });
    // What the proofs of the whole gateway run.
    await build({
      ...common,
      entryPoints: [join(root, "host/cli/main.ts")],
      outfile: join(folder, "bowline.mjs"),
      external: ["serialport", "@serialport/*", "classic-level"],
      banner: { js: BANNER },
    });
    await buildComponents(folder, common);
    const outfile = join(folder, "device/chaos.js");
    await buildDevice({ entry: join(root, "device/testing/chaos.ts"), outfile, quiet: true });
    return new ProveCommand(folder);
  }

  run(...args: string[]): Promise<Outcome> {
    return new Promise((resolve) => {
      const argv = [join(this.folder, "prove.mjs"), ...args];
      const child = execFile(process.execPath, argv, { timeout: TIMEOUT_MS }, (_error, stdout, stderr) =>
        resolve({ status: child.exitCode, stdout, stderr }),
      );
    });
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The library's examples, its twin in Python, and those that the proofs of components start, with the library as it is. */
async function buildComponents(folder: string, common: BuildOptions): Promise<void> {
  const inProof = ["worker", "plain-worker", "crowd-member"];
  const entryPoints = {
    ...Object.fromEntries(
      inProof.map((name) => [`proof/${name}`, join(root, `proof/components/${name}.ts`)]),
    ),
    ...Object.fromEntries(
      EXAMPLES.map((name) => [`examples/${name}`, join(root, `component/examples/${name}.ts`)]),
    ),
  };
  await build({
    ...common,
    ...{ entryPoints, outdir: folder, outExtension: { ".js": ".mjs" }, external: ["zeromq"] },
    alias: { "bowline/component": join(root, "component/component.ts") },
    banner: { js: BANNER },
  });
  await cp(join(root, "component/python"), join(folder, "python"), { recursive: true });
}
