/** The program as users run it: bundled, in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { PATIENCE_MS } from "../../platform/testing/patience.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Within reach of node_modules, where native packages stay. */
const CACHE = join(root, "node_modules/.cache");
const BANNER = `import { createRequire as bowlineCreateRequire } from "node:module";
const require = bowlineCreateRequire(import.meta.url);`;

export class BuiltProgram {
  private readonly runs: ProgramRun[] = [];

  private constructor(readonly folder: string) {}

  get path(): string {
    return join(this.folder, "bowline.mjs");
  }

  /** Bundled as scripts/build.mjs does it, into a folder of its own. */
  static async make(): Promise<BuiltProgram> {
    await mkdir(CACHE, { recursive: true });
    const program = new BuiltProgram(await mkdtemp(join(CACHE, "bowline-cli-")));
    await build({
      entryPoints: [join(root, "host/cli/main.ts")],
      outfile: program.path,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      external: ["serialport", "classic-level"],
      banner: { js: BANNER },
      logLevel: "warning",
    });
    return program;
  }

  /** Starts it in `cwd`, without the variables of the test's own environment. */
  start(
    args: readonly string[],
    { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
  ): ProgramRun {
    const { PATH = "" } = process.env;
    const child = spawn(process.execPath, [this.path, ...args], {
      cwd,
      env: { PATH, HOME: cwd, TMPDIR: cwd, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const run = new ProgramRun(child);
    this.runs.push(run);
    return run;
  }

  /** Kills what still runs, and removes the bundle. */
  async remove(): Promise<void> {
    for (const run of this.runs) {
      run.kill("SIGKILL");
      await run.ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

export class ProgramRun {
  stdout = "";
  stderr = "";
  /** The exit code, or the signal it died of. */
  readonly ended: Promise<number | string>;
  private end: number | string | undefined;
  private readonly watchers = new Set<() => void>();

  constructor(readonly child: ChildProcess) {
    child.stdout?.on("data", (chunk) => this.take("stdout", chunk));
    child.stderr?.on("data", (chunk) => this.take("stderr", chunk));
    this.ended = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        this.end = code ?? signal ?? "";
        this.look();
        resolve(this.end);
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves with what matched in stdout or stderr; rejects when the program ends without it. */
  until(pattern: RegExp, stream: "stdout" | "stderr" = "stdout"): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        this.watchers.delete(look);
      };
      const fail = (why: string) => {
        stop();
        reject(new Error(`${pattern}: ${why}\n${this.stdout}${this.stderr}`));
      };
      const look = () => {
        const match = pattern.exec(this[stream]);
        if (match) {
          stop();
          resolve(match);
        } else if (this.end !== undefined) fail(`ended with ${this.end}`);
      };
      const timer = setTimeout(() => fail(`not within ${PATIENCE_MS / 1000} s`), PATIENCE_MS);
      this.watchers.add(look);
      look();
    });
  }

  private take(stream: "stdout" | "stderr", chunk: Buffer): void {
    this[stream] += chunk.toString("utf8");
    this.look();
  }

  private look(): void {
    for (const watcher of this.watchers) watcher();
  }
}

/** Settings of a gateway that disturbs no other. */
export const freePorts = [
  "gateway.id=pi-kitchen",
  "http.port=0",
  "tcp.port=0",
  "monique.enabled=false",
].flatMap((one) => ["--set", one]);

/** The address of the page of a gateway that runs, as --url takes it. */
export async function pageOf(run: ProgramRun): Promise<string> {
  return (await run.until(/^page {3}(http:\S+\?token=\S+)$/m))[1];
}

/** Where boards connect to. */
export async function tcpPortOf(run: ProgramRun): Promise<number> {
  return Number((await run.until(/^boards tcp 127\.0\.0\.1:(\d+)$/m))[1]);
}
