/** The Terminal of this process: its streams and its signals. */
import { once } from "node:events";
import { fstatSync } from "node:fs";
import { addAbortSignal } from "node:stream";
import { BowlineError, ExitCode, formatError } from "../../platform/errors.ts";
import { isColourWanted } from "../output/colour.ts";
import { printable, takeWidth } from "../output/display.ts";
import { isJournalStream } from "./journal-log.ts";
import { askAt, type Questions } from "./questions.ts";
import type { Terminal } from "./terminal.ts";

/** Ctrl-C and kill. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** A file that takes no more. */
const diskFaults: readonly string[] = ["ENOSPC", "EDQUOT", "EFBIG"];

/** To the line's start, and erase it (ECMA-48). */
const CLEAR_LINE = "\r\x1b[2K";

export class ProcessTerminal implements Terminal {
  readonly isWatched: boolean;
  readonly isJoined: boolean;
  readonly isJournal: boolean;
  readonly questions: Questions | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly program: string;
  interruptedCode: ExitCode = ExitCode.interrupted;
  private readonly controller = new AbortController();
  private isOutputGone = false;
  /** What was asked for could not be kept where it was to be: the verb has failed, however well it went. */
  private isOutputLost = false;
  private reload: (() => void) | null = null;
  /** A line of progress stands there, to be overwritten. */
  private isMidLine = false;
  private isProgressShown: boolean;

  constructor(private readonly process: NodeJS.Process) {
    this.isWatched = process.stderr.isTTY === true;
    // Who reads a pipe of ours, `less` say, may have the whole screen; a terminal that is dumb cannot erase.
    this.isProgressShown = this.isWatched && !isPipe(process.stdout.fd) && process.env.TERM !== "dumb";
    this.questions = this.isWatched && process.stdin.isTTY === true ? this.askHere() : undefined;
    this.isJoined = isSameFile(process.stdout.fd, process.stderr.fd);
    this.isJournal = isJournal(process.stderr.fd, process.env.JOURNAL_STREAM);
    this.env = process.env;
    this.cwd = process.cwd();
    this.program = process.argv[1] ?? "";
  }

  /** Asked anew each time: a window may be resized. A terminal without a size says 0. */
  get columns(): number | undefined {
    return this.process.stdout.columns || undefined;
  }

  get isColoured(): boolean {
    return isColourWanted(this.process.stdout.isTTY === true, this.env);
  }

  get isWarnColoured(): boolean {
    return isColourWanted(this.isWatched, this.env);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get input(): AsyncIterable<Uint8Array> {
    const { stdin } = this.process;
    if (stdin.isTTY === true) this.warn("reading what is typed here; Ctrl-D ends it");
    return addAbortSignal(this.signal, stdin);
  }

  start(): void {
    for (const signal of SIGNALS) this.process.on(signal, () => this.interrupt());
    this.process.on("SIGHUP", () => this.hangUp());
    this.process.stdout.on("error", (error) => this.loseOutput(error));
    // Nobody is left to be told.
    this.process.stderr.on("error", () => {});
  }

  onReload(reload: () => void): void {
    this.reload = reload;
  }

  print(line: string): void {
    this.clearProgress();
    if (!this.isOutputGone) this.process.stdout.write(`${line}\n`);
  }

  printBytes(bytes: Uint8Array): void {
    this.clearProgress();
    if (!this.isOutputGone) this.process.stdout.write(bytes);
  }

  async whenReady(): Promise<void> {
    const { stdout } = this.process;
    if (stdout.writableNeedDrain) await once(stdout, "drain", { signal: this.signal });
  }

  warn(line: string): void {
    this.clearProgress();
    this.process.stderr.write(`${line}\n`);
  }

  progress(line: string): void {
    if (!this.isProgressShown) return;
    if (line === "") return this.clearProgress();
    // A terminal without a size says 0.
    const columns = this.process.stderr.columns || 80;
    this.process.stderr.write(`${CLEAR_LINE}${takeWidth(printable(line), columns - 1)}`);
    this.isMidLine = true;
  }

  hideProgress(): void {
    this.clearProgress();
    this.isProgressShown = false;
  }

  /** Ends the process once everything printed has left. */
  end(code: ExitCode): void {
    this.clearProgress();
    const exit = () => this.process.exit(this.isOutputLost && code === ExitCode.ok ? ExitCode.failure : code);
    if (this.isOutputGone) exit();
    // What could not be written is told of by the error, which comes behind.
    else this.process.stdout.write("", (error) => (error ? setImmediate(exit) : exit()));
  }

  private askHere(): Questions {
    const { stdin: input, stderr: output } = this.process;
    return askAt({ input, output, signal: this.signal, interrupt: () => this.interrupt() });
  }

  private clearProgress(): void {
    if (this.isMidLine) this.process.stderr.write(CLEAR_LINE);
    this.isMidLine = false;
  }

  /** The first one ends things in order, the second one at once. */
  private interrupt(): void {
    if (this.signal.aborted) this.process.exit(ExitCode.interrupted);
    this.controller.abort();
  }

  /** The end of the terminal, or what services are told to read their configuration anew with. */
  private hangUp(): void {
    const { stdin, stdout, stderr } = this.process;
    const hasTerminal = [stdin, stdout, stderr].some((stream) => stream.isTTY === true);
    if (this.reload === null || hasTerminal || this.signal.aborted) this.interrupt();
    else this.reload();
  }

  /** `bowline tail | head -1`: enough was read, which is no fault. `bowline devices > FILE` on a full disk is one. */
  private loseOutput(error: NodeJS.ErrnoException): void {
    if (this.isOutputGone) return;
    this.isOutputGone = true;
    this.isOutputLost = diskFaults.includes(error.code ?? "");
    this.interruptedCode = this.isOutputLost ? ExitCode.failure : ExitCode.ok;
    if (this.isOutputLost) this.warn(formatError(outputLost(error)));
    this.controller.abort();
  }
}

function outputLost({ message }: Error): BowlineError {
  const text = `writing what was asked for: ${message}; it is not whole`;
  return new BowlineError("OUTPUT_LOST", text, ExitCode.failure, "df -h; or write it elsewhere");
}

function isPipe(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    // A stream that was closed before we began is none.
    return false;
  }
}

function isJournal(fd: number, named: string | undefined): boolean {
  if (!named) return false;
  try {
    return isJournalStream(named, fstatSync(fd));
  } catch {
    // A stream that was closed before we began is none.
    return false;
  }
}

function isSameFile(one: number, other: number): boolean {
  try {
    const [a, b] = [fstatSync(one), fstatSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    // A stream that was closed before we began is none.
    return false;
  }
}
