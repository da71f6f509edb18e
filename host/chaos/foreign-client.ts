/**
 * A client of the session that somebody else wrote, under `bowline chaos --client`: their command, told by its environment
 * where to connect and what to send. What it did is read from its output, as from the console of a board of ours.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { CountedEnd } from "./counted-end.ts";
import { filler } from "./filler.ts";
import { Tally } from "./tally.ts";

export interface ForeignClientOptions {
  id: string;
  /** For sh. */
  command: string;
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Messages it is to send. */
  count: number;
  seed: number;
  /** Where the line to the gateway begins. */
  address: { host: string; port: number };
  /** What it printed and nobody expects. */
  onComplaint(line: string): void;
  /** An end that nobody ordered. */
  onDied(text: string): void;
}

/** ms for what was printed last to be read, after SIGTERM; then SIGKILL. */
const GRACE_MS = 5000;
/** Lines of its errors that are told when it ends; and characters of a line. */
const LAST_LINES = 5;
const MOST_CHARACTERS = 4096;

export class ForeignClient implements CountedEnd {
  /** Messages it has accepted. */
  sent = 0;
  /** Requests it carried out. */
  readonly ran = new Tally();
  private child: ChildProcess | undefined;
  private ended: Promise<void> | undefined;
  private errors: string[] = [];
  private isExpected = false;

  constructor(private readonly options: ForeignClientOptions) {}

  get id(): string {
    return this.options.id;
  }

  get count(): number {
    return this.options.count;
  }

  start(): void {
    const { id, command, cwd, env, count, seed, address, onDied } = this.options;
    const { host: CHAOS_HOST, port } = address;
    const given = {
      ...{ CHAOS_HOST, CHAOS_ID: id },
      ...{ CHAOS_PORT: String(port), CHAOS_COUNT: String(count), CHAOS_SEED: String(seed) },
    };
    // A group of its own: what the command starts is ended with it, and a Ctrl-C at the terminal is ours.
    const child = spawn("sh", ["-c", command], {
      ...{ cwd, env: { ...env, ...given }, detached: true },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    eachLine(child.stdout!, (line) => this.read(line));
    eachLine(child.stderr!, (line) => {
      this.errors = [...this.errors, line].slice(-LAST_LINES);
    });
    this.ended = new Promise((resolve) => {
      child.once("error", (error) => {
        onDied(error.message);
        resolve();
      });
      child.once("close", (code, signal) => {
        const how = signal ?? `exit code ${code}`;
        const said = this.errors.join("; ");
        if (!this.isExpected) onDied(`it ended (${how}); it said: ${said || "nothing"}`);
        resolve();
      });
    });
  }

  /** Ends it with all that it started; resolves when what it printed has been read. */
  async stop(): Promise<void> {
    if (this.child === undefined) return;
    this.isExpected = true;
    this.signal("SIGTERM");
    const force = setTimeout(() => this.signal("SIGKILL"), GRACE_MS);
    await this.ended;
    clearTimeout(force);
    this.signal("SIGKILL");
  }

  private signal(name: NodeJS.Signals): void {
    const { pid } = this.child!;
    if (pid === undefined) return;
    try {
      process.kill(-pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // the group has gone
    }
  }

  private read(line: string): void {
    const [, sent, i, text] = /^sent (\d+)$|^ran (\d+) ?(.*)$/.exec(line) ?? [];
    if (sent !== undefined) this.sent = Number(sent);
    else if (i !== undefined) this.ran.take(Number(i), text === filler(Number(i)));
    else if (line !== "")
      this.options.onComplaint(`printed "${line}"; allowed: "sent NUMBER" and "ran NUMBER TEXT"`);
  }
}

/** A line that does not end is cut. */
function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (piece: string) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!.slice(0, MOST_CHARACTERS);
    for (const line of lines) take(line.replace(/\r$/, ""));
  });
}
