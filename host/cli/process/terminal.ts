/** What a verb may use of the process it runs in. */
import type { ExitCode } from "../../platform/errors.ts";
import type { Questions } from "./questions.ts";

export interface Terminal {
  /** A line of what was asked for: stdout. */
  print(line: string): void;
  /** Bytes of what was asked for: stdout. */
  printBytes(bytes: Uint8Array): void;
  /** Resolves when stdout takes more; rejects with an AbortError once `signal` ends. Who prints without end waits for it. */
  whenReady(): Promise<void>;
  /** A line about how it goes: stderr. */
  warn(line: string): void;
  /** What comes by stdin, to its end; rejects with an AbortError once `signal` ends. */
  readonly input: AsyncIterable<Uint8Array>;
  /** How it goes just now, over the last such line; nothing where nobody watches. "": no such line any more. */
  progress(line: string): void;
  /** From now on there is no progress: programs read what is printed. */
  hideProgress(): void;
  /** Ends when the user (Ctrl-C, kill) or the reader of stdout has gone. */
  readonly signal: AbortSignal;
  /** From now on SIGHUP calls `reload`, where it cannot mean that the terminal has gone: a service has none. */
  onReload(reload: () => void): void;
  /** Do people read stderr? */
  readonly isWatched: boolean;
  /** Who can be asked; undefined where nobody sits before both stdin and stderr. */
  readonly questions: Questions | undefined;
  /** Do stdout and stderr end in the same file or pipe, as after `2>&1`? */
  readonly isJoined: boolean;
  /** Is stderr the journal of systemd? */
  readonly isJournal: boolean;
  /** Columns of the terminal that stdout is; undefined where it is none. */
  readonly columns: number | undefined;
  /** Is what is printed in colour, and what is warned of? */
  readonly isColoured: boolean;
  readonly isWarnColoured: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The file that node runs: this program, to start it as a child. */
  readonly program: string;
  /** What a verb that was cut short by `signal` ends with. */
  readonly interruptedCode: ExitCode;
}
