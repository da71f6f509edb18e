/** The real Espruino interpreter as a board, where ESPRUINO_BIN names one (espruino §6). */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** The interpreters to test with: one path, or several with colons between. */
export const interpreters = (process.env.ESPRUINO_BIN ?? "").split(":").filter((path) => path !== "");

/** Bytes of a bundle written to Storage at once. */
const PIECE = 4096;

/** How many variables its heap has, and how many bytes one takes: 12 to 14 on boards. */
export async function heapOf(binary: string): Promise<{ variables: number; variableBytes: number }> {
  const report = "m=process.memory();print('@'+m.total+','+m.blocksize);quit()";
  const { stdout } = await promisify(execFile)(binary, ["-e", report]);
  const [, variables, variableBytes] = /@(\d+),(\d+)/.exec(stdout) ?? [];
  return { variables: Number(variables), variableBytes: Number(variableBytes) };
}

/** Where the bundle is to run from: the heap of a board takes it from flash only. */
export async function placeFor(binary: string): Promise<"storage" | "script"> {
  return (await heapOf(binary)).variableBytes < 16 ? "storage" : "script";
}

/** A string literal of bytes that both engines read alike. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u0080-\u00ff]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`);
}

export class Interpreter {
  private child: ChildProcessWithoutNullStreams | null = null;
  private folder = "";
  private args: string[] = [];
  /** What it printed: errors in callbacks show only here. */
  output = "";

  constructor(private readonly binary: string) {}

  /**
   * Boots `bundle` with `config` as its Storage file bowline.json. From Storage, as a flashed board runs it, function
   * bodies stay out of the heap, but the Linux build runs it several times slower; as a script it is fast and large.
   */
  async start(bundle: string, config: object, from: "storage" | "script" = "script"): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), "bowline-espruino-"));
    await this.install("bowline.json", JSON.stringify(config));
    await this.install(".bootcde", bundle);
    if (from === "storage") return this.run([]);
    // Its cold functions are read from flash all the same.
    await writeFile(join(this.folder, "script.js"), `${bundle}\n`);
    this.run(["script.js"]);
  }

  /** Power off and on: what is in Storage is kept. */
  async restart(): Promise<void> {
    await this.end();
    this.output = "";
    this.run(this.args);
  }

  /** Boots with these files in its Storage. */
  async startWith(files: Record<string, string | Buffer>): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), "bowline-espruino-"));
    for (const [name, content] of Object.entries(files)) await this.install(name, content.toString("latin1"));
    this.run([]);
  }

  /** In pieces, each a run of its own, for a small heap does not hold the file and the script that writes it. */
  private async install(name: string, text: string): Promise<void> {
    for (let at = 0; at < text.length; at += PIECE) {
      const piece = quoted(text.slice(at, at + PIECE));
      await this.runOnce(`require("Storage").write(${JSON.stringify(name)},${piece},${at},${text.length});`);
    }
  }

  private run(args: string[]): void {
    this.args = args;
    const child = spawn(this.binary, args, { cwd: this.folder, stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("latin1").on("data", (text: string) => {
        this.output = (this.output + text).slice(-100_000);
      });
    }
    this.child = child;
  }

  private async runOnce(script: string): Promise<void> {
    await writeFile(join(this.folder, "write.js"), `${script}\nsetTimeout(quit,1);\n`);
    this.run(["write.js"]);
    await new Promise((resolve) => this.child!.once("close", resolve));
  }

  /** All that its flash holds. */
  flash(): Promise<Buffer> {
    return readFile(join(this.folder, "espruino.flash"));
  }

  /** A line for its console. */
  type(line: string): void {
    this.child?.stdin.write(`${line}\n`, "latin1");
  }

  async stop(): Promise<void> {
    await this.end();
    if (this.child !== null) await rm(this.folder, { recursive: true, force: true });
  }

  private async end(): Promise<void> {
    const child = this.child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL"); // it ignores the others
    await gone;
  }
}
