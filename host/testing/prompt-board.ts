/** The real Espruino interpreter as a board at its prompt: a console over a pty, and a Storage that outlives its power. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPty, type Pty } from "../transports/pty.ts";

/** What stands in for a board's UART: without it the prompt would be at stdin, which 04 ends (espruino §6, B). */
const consoleAt = (path: string) =>
  `Serial1.setup(115200,{path:${JSON.stringify(path)}});Serial1.setConsole(true);`;

export class PromptBoard {
  /** What it said, on its console and beside it. */
  said = "";
  output = "";
  /** Called for what the host writes; false: it is lost, with all that follows. */
  onHostBytes: (text: string) => boolean = () => true;
  private child: ChildProcessWithoutNullStreams | null = null;
  private gone: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly binary: string,
    private readonly folder: string,
    private readonly boardEnd: Pty,
    private readonly hostEnd: Pty,
  ) {
    boardEnd.onData((chunk) => {
      this.said = (this.said + Buffer.from(chunk).toString("latin1")).slice(-100_000);
      hostEnd.write(chunk);
    });
    hostEnd.onData((chunk) => {
      if (this.onHostBytes(Buffer.from(chunk).toString("latin1"))) boardEnd.write(chunk);
    });
  }

  /** An empty board, switched off. */
  static async create(binary: string): Promise<PromptBoard> {
    const folder = await mkdtemp(join(tmpdir(), "bowline-prompt-"));
    const [boardEnd, hostEnd] = await Promise.all([openPty(), openPty()]);
    const board = new PromptBoard(binary, folder, boardEnd, hostEnd);
    await board.runScript(`require("Storage").write(".boot0",${JSON.stringify(consoleAt(boardEnd.path))})`);
    return board;
  }

  /** What the host opens. */
  get path(): string {
    return this.hostEnd.path;
  }

  /** What its firmware opens. */
  get boardPath(): string {
    return this.boardEnd.path;
  }

  powerOn(): void {
    this.spawn([]);
  }

  /** As pulling the plug: nothing more is run, what is in Storage stays. */
  async powerOff(): Promise<void> {
    this.child?.kill("SIGKILL"); // it ignores the others
    await this.gone;
    this.child = null;
  }

  /** The value of an expression, run without booting anything, while it is switched off. */
  async evaluate(expression: string): Promise<string> {
    const answer = join(this.folder, "answer");
    // Not printed: .boot0 has moved the console to the pty by then.
    await this.runScript(`require("fs").writeFileSync("answer",String(${expression}))`);
    const value = await readFile(answer, "latin1").catch(() => {
      throw new Error(`no value of ${expression}: ${this.output}`);
    });
    await rm(answer);
    return value;
  }

  /** Bytes to its console, as if typed there by a stranger. */
  type(text: string): void {
    this.boardEnd.write(Buffer.from(text, "latin1"));
  }

  async stop(): Promise<void> {
    await this.powerOff();
    await Promise.all([this.boardEnd.close(), this.hostEnd.close()]);
    await rm(this.folder, { recursive: true, force: true });
  }

  private async runScript(script: string): Promise<string> {
    await writeFile(join(this.folder, "script.js"), `${script}\nsetTimeout(quit,1);\n`);
    this.output = "";
    this.spawn(["script.js"]);
    await this.gone;
    this.child = null;
    return this.output;
  }

  private spawn(args: string[]): void {
    const child = spawn(this.binary, args, { cwd: this.folder, stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("latin1").on("data", (text: string) => {
        this.output = (this.output + text).slice(-100_000);
      });
    }
    this.gone = new Promise((resolve) => child.once("close", resolve));
    this.child = child;
  }
}
