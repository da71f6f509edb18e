/** Components as processes of their own, for tests: each with a configuration of its own, and none outlives its test. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../../host/platform/testing/until.ts";
import type { ConfigParams } from "./config-text.ts";
import { pythonEnvironment } from "./python.ts";

/** What was built. */
export const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
const library = `import { component, serve, TaskError } from ${JSON.stringify(`${dist}component.mjs`)};\n`;

/** A hub, as far as a configuration tells of it. */
interface ConfiguredHub {
  config(params: ConfigParams): string;
}

export class Programs {
  folder = "";
  private readonly all: Program[] = [];

  async open(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), "bowline-component-"));
  }

  async close(): Promise<void> {
    for (const program of this.all.splice(0)) await program.end("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A program written for one test -> its path. */
  async write(file: string, text: string): Promise<string> {
    const path = join(this.folder, file);
    await writeFile(path, text);
    return path;
  }

  /** `command` with the file of a configuration that knows `params`. */
  async start(
    hub: ConfiguredHub,
    params: ConfigParams,
    command: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<Program> {
    const config = await this.write(`config-${this.all.length}.json`, hub.config(params));
    const [file, ...args] = command;
    const child = spawn(file, [...args, "-f", config], { env: { ...process.env, ...env } });
    const program = new Program(child);
    this.all.push(program);
    return program;
  }

  /** A program of a test's own, as component example_own: what stands behind the library's import. */
  async own(hub: ConfiguredHub, text: string, options: ConfigParams[string] = {}): Promise<Program> {
    const file = await this.write("own.mjs", library + text);
    return this.start(hub, { example_own: { frequency: 50, ...options } }, [process.execPath, file]);
  }

  /** The same in Python: its work(). */
  async ownPython(hub: ConfiguredHub, work: string): Promise<Program> {
    const file = await this.write("own.py", `from bowlinecomp import run\n${work}\nrun(work)\n`);
    return this.start(hub, { example_own: { frequency: 50 } }, ["python3", file], pythonEnvironment);
  }
}

export class Program {
  /** What it printed, to stdout and to stderr. */
  printed = "";
  private readonly closed: Promise<number | null>;

  constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.printed += text;
      });
    this.closed = new Promise((resolve) => child.once("close", resolve));
  }

  /** Resolves once it has printed that. */
  async says(text: string): Promise<void> {
    await until(() => {
      if (!this.printed.includes(text))
        throw new Error(`it has not printed ${JSON.stringify(text)}:\n${this.printed}`);
    });
  }

  /** -> its exit status, null after a signal. */
  end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.closed;
  }

  /** What it has of the machine: threads and open files. */
  async resources(): Promise<{ threads: number; files: number }> {
    const [tasks, files] = await Promise.all(
      ["task", "fd"].map((kind) => readdir(`/proc/${this.child.pid}/${kind}`)),
    );
    return { threads: tasks.length, files: files.length };
  }
}

/** A process that ended may stay in the table, as Z, until somebody asks for its status. */
export async function isRunning(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
  return !/\) [ZX]/.test(stat);
}
