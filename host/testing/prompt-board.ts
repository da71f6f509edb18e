/** The real Espruino interpreter as a board at its prompt: a console over a pty, and a Storage that outlives its power. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPty, type Pty } from "../transports/pty.ts";

/** Of the Linux build, in its working directory. */
const STORAGE = "espruino.flash";

/** What stands in for a board's UART: without it the prompt would be at stdin, which 04 ends (espruino §6, B). */
const consoleAt = (path: string) =>
  `Serial1.setup(115200,{path:${JSON.stringify(path)}});Serial1.setConsole(true);`;

/** Storage that fails; E.reboot() of the Linux build ends it, and nothing starts it again. */
const powerFailure = (at: number, half: boolean) =>
  `(function(){var S=require("Storage"),w=S.write,e=S.erase,n=0;S.sound=w;
function write(f,d,o,s){return s===undefined?w.call(S,f,d,o):w.call(S,f,d,o,s)}
S.write=function(f,d,o,s){if(f!="bl.n"&&++n==${at}){${half ? "write(f,d.substr(0,d.length>>1),o,s||d.length);" : ""}E.reboot()}return write(f,d,o,s)};
S.erase=function(f){if(++n==${at})E.reboot();return e.call(S,f)}})();`;

export class PromptBoard {
  /** What it said, on its console and beside it. */
  said = "";
  output = "";
  /** Its power failed, and was not switched off. */
  hasFailed = false;
  private isSwitchedOff = true;
  private child: ChildProcessWithoutNullStreams | null = null;
  /** Counted, so that what a former life said is not taken for this one's. */
  private boots = 0;
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
    // A board without power hears nothing, also not later.
    hostEnd.onData((chunk) => {
      if (this.child !== null) boardEnd.write(chunk);
    });
  }

  /** An empty board, switched off. */
  static async create(binary: string): Promise<PromptBoard> {
    const folder = await mkdtemp(join(tmpdir(), "bowline-prompt-"));
    const [boardEnd, hostEnd] = await Promise.all([openPty(), openPty()]);
    const board = new PromptBoard(binary, folder, boardEnd, hostEnd);
    await board.cutAt(0);
    return board;
  }

  /**
   * While it is off: from its next reset() on, its power fails at the `at`th write or erasure, before it or in the middle of
   * what it writes. 0: never. Marks of starts are not counted.
   */
  async cutAt(at: number, half = false): Promise<void> {
    const boot = `${consoleAt(this.boardEnd.path)}print("life "+${++this.boots});${at > 0 ? powerFailure(at, half) : ""}`;
    const write = `(function(s){(s.sound||s.write).call(s,".boot0",${JSON.stringify(boot)})})(require("Storage"))`;
    await this.runScript(write);
  }

  /** What it said since it was switched on, once cutAt() was called before; "" until the first word of it is there. */
  get saidSinceBoot(): string {
    return this.said.split(`life ${this.boots}\r\n`)[1] ?? "";
  }

  /** Resolves when it has no power any more, by its own failure too. */
  get off(): Promise<unknown> {
    return this.gone;
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
    this.hasFailed = false;
    this.isSwitchedOff = false;
    this.spawn([]);
  }

  /** As pulling the plug: nothing more is run, what is in Storage stays. */
  async powerOff(): Promise<void> {
    this.isSwitchedOff = true;
    this.child?.kill("SIGKILL"); // it ignores the others
    await this.gone;
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

  /** Its Storage, while it is off; load() puts it back. */
  save(): Promise<Buffer> {
    return readFile(join(this.folder, STORAGE));
  }

  load(storage: Buffer): Promise<void> {
    return writeFile(join(this.folder, STORAGE), storage);
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
    return this.output;
  }

  private spawn(args: string[]): void {
    const child = spawn(this.binary, args, { cwd: this.folder, stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("latin1").on("data", (text: string) => {
        this.output = (this.output + text).slice(-100_000);
      });
    }
    this.child = child;
    this.gone = new Promise<void>((resolve) => {
      child.once("close", () => {
        if (this.child === child) this.child = null;
        this.hasFailed = !this.isSwitchedOff;
        resolve();
      });
    });
  }
}
