/**
 * The command as people type it, bundled from the sources as they are, for the suite. In a process of its own it runs at
 * its real speed: under vitest every imported name is a look-up.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Within reach of node_modules, for the bundle leaves packages outside. */
const CACHE = join(root, "node_modules/.cache");
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
    await build({
      entryPoints: [join(root, "proof/main.ts")],
      outfile: join(folder, "prove.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      packages: "external",
      logLevel: "warning",
    });
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
