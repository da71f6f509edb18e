/** A component as a process of its own: what it printed, what it has of the machine, and its end. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";

/** Characters of its output that are kept for who has to find out why it ended. */
const KEPT_OUTPUT = 100_000;

export class Program {
  /** To stdout and to stderr. */
  printed = "";
  private readonly child: ChildProcess;
  private readonly closed: Promise<void>;

  constructor(
    readonly name: string,
    [file, ...args]: readonly string[],
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.printed = `${this.printed}${text}`.slice(-KEPT_OUTPUT);
      });
    this.closed = new Promise((resolve) => {
      this.child.once("close", () => resolve());
      this.child.once("error", (error) => {
        this.printed += error.message;
        resolve();
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Lines that it printed, of which each says this. */
  lines(text: string): string[] {
    return this.printed.split("\n").filter((line) => line.includes(text));
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.hasEnded) this.child.kill(signal);
  }

  /** Resolves when it has gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal);
    await this.closed;
  }
}

/** What a process has of the machine: threads, open files and resident bytes. */
export async function resourcesOf(pid: number): Promise<{ threads: number; files: number; bytes: number }> {
  const [threads, files, rollup] = await Promise.all([
    readdir(`/proc/${pid}/task`),
    readdir(`/proc/${pid}/fd`),
    readFile(`/proc/${pid}/smaps_rollup`, "utf8"),
  ]);
  const [, kilobytes] = /^Anonymous: +(\d+)/m.exec(rollup) ?? [];
  return { threads: threads.length, files: files.length, bytes: Number(kilobytes) * 1024 };
}

/** ms of CPU that it has had. */
export async function cpuOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).replace(/^.*\) /, "").split(" ");
  // In ticks of 10 ms: user and system, fields 14 and 15 of proc(5).
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
