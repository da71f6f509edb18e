/** A Terminal that keeps what verbs say, for tests. */
import { Readable } from "node:stream";
import { ExitCode } from "../../platform/errors.ts";
import type { Questions } from "../process/questions.ts";
import type { Terminal } from "../process/terminal.ts";

export class FakeTerminal implements Terminal {
  readonly printed: string[] = [];
  readonly bytes: Buffer[] = [];
  readonly warned: string[] = [];
  readonly progressed: string[] = [];
  isWatched = false;
  isJoined = false;
  isJournal = false;
  questions: Questions | undefined;
  /** What comes by stdin. */
  stdin: readonly (string | Uint8Array)[] = [];
  columns: number | undefined;
  isColoured = false;
  isWarnColoured = false;
  env: Record<string, string | undefined> = {};
  cwd = "/";
  program = "";
  interruptedCode: ExitCode = ExitCode.interrupted;
  /** A reader of stdout that takes its time. */
  ready: Promise<void> = Promise.resolve();
  /** What SIGHUP calls. */
  reload: () => void = () => {};
  private isProgressShown = true;
  private readonly controller = new AbortController();

  get input(): AsyncIterable<Uint8Array> {
    return Readable.from(this.stdin.map((chunk) => Buffer.from(chunk as string)));
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  onReload(reload: () => void): void {
    this.reload = reload;
  }

  print(line: string): void {
    this.printed.push(line);
  }

  printBytes(bytes: Uint8Array): void {
    this.bytes.push(Buffer.from(bytes));
  }

  whenReady(): Promise<void> {
    return this.ready;
  }

  warn(line: string): void {
    this.warned.push(line);
  }

  progress(line: string): void {
    if (this.isProgressShown) this.progressed.push(line);
  }

  hideProgress(): void {
    this.isProgressShown = false;
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.controller.abort();
  }
}
