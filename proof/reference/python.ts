/** A child of Python that answers one line of JSON with one line of JSON, for programs of ours around the reference (PyIRCIoT). */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { BowlineError, ExitCode } from "../../host/platform/errors.ts";

/** Where the reference is, a checkout of it: nothing of it is here. */
const REFERENCE_VARIABLE = "PYIRCIOT";
/** What the reference prints by itself must not come between our lines. */
const PRELUDE = `
import json, os, sys
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
sys.path.insert(0, os.environ["${REFERENCE_VARIABLE}"])
def tell(value):
    out.write(json.dumps(value) + "\\n")
    out.flush()
`;
const STDERR_KEPT = 4000;

/** The folder of the reference; a BowlineError where none was named. */
export function referenceFolder(): string {
  const folder = process.env[REFERENCE_VARIABLE];
  if (folder === undefined || folder === "")
    throw new BowlineError(
      "REFERENCE_NEEDED",
      `trying the reference: ${REFERENCE_VARIABLE} names no checkout of PyIRCIoT`,
      ExitCode.notFound,
      `git clone https://github.com/Markatrafik/PyIRCIoT, then ${REFERENCE_VARIABLE}=PyIRCIoT node dist/prove.mjs irc-reference`,
    );
  if (existsSync(join(folder, "irciot.py"))) return resolve(folder);
  const text = `trying the reference: ${REFERENCE_VARIABLE} is ${folder}, and there is no irciot.py in it`;
  throw new BowlineError("REFERENCE_NEEDED", text, ExitCode.notFound);
}

export class Python {
  private readonly child: ChildProcess;
  private readonly lines: unknown[] = [];
  private waiting: ((line: unknown) => void) | null = null;
  private failed: ((error: Error) => void) | null = null;
  private stderr = "";
  private isGone = false;

  /** `program`: ours; it finds the reference by name, and has \`tell(value)\` for its lines. */
  constructor(program: string) {
    const env = { ...process.env, [REFERENCE_VARIABLE]: referenceFolder(), PYTHONUNBUFFERED: "1" };
    this.child = spawn("python3", ["-B", "-c", PRELUDE + program], { env, stdio: ["pipe", "pipe", "pipe"] });
    createInterface({ input: this.child.stdout! }).on("line", (line) => this.lineCame(JSON.parse(line)));
    this.child.stderr!.on("data", (chunk) => {
      this.stderr = (this.stderr + chunk).slice(-STDERR_KEPT);
    });
    this.child.once("error", (error) => this.end(String(error)));
    this.child.once("close", (code) => this.end(`it ended with ${code}`));
  }

  /** What it says next. */
  next(): Promise<unknown> {
    if (this.lines.length > 0) return Promise.resolve(this.lines.shift());
    return new Promise((resolve, reject) => {
      if (this.isGone) reject(this.error("it has ended"));
      this.waiting = resolve;
      this.failed = reject;
    });
  }

  tell(value: unknown): void {
    this.child.stdin!.write(`${JSON.stringify(value)}\n`);
  }

  /** One question, one answer. */
  ask(value: unknown): Promise<unknown> {
    this.tell(value);
    return this.next();
  }

  async stop(): Promise<void> {
    if (this.isGone) return;
    const closed = once(this.child, "close");
    this.child.kill("SIGKILL");
    await closed;
  }

  private lineCame(line: unknown): void {
    const { waiting } = this;
    this.waiting = this.failed = null;
    if (waiting === null) this.lines.push(line);
    else waiting(line);
  }

  private end(why: string): void {
    this.isGone = true;
    this.failed?.(this.error(why));
    this.waiting = this.failed = null;
  }

  private error(why: string): BowlineError {
    const text = `trying the reference: ${why}\n${this.stderr.trimEnd()}`;
    const mend = "python3 -m pip install pynacl ifaddr dnspython, if it is one of them that is missing";
    return new BowlineError("REFERENCE_FAILED", text, ExitCode.failure, mend);
  }
}
