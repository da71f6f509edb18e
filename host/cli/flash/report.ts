/**
 * How flashing is told: a line for each of its steps, a bar on a terminal while one lasts, or with --json one object a line.
 *
 *   [3/6] upload 19.1 KB ........... 100 %, 3.1 s
 */
import type { BowlineError } from "../../platform/errors.ts";
import { formatJson, printable } from "../output/display.ts";
import type { Terminal } from "../process/terminal.ts";

/** Where what a step came to begins; lines stay within 80 columns while paths are short. */
const LABEL_WIDTH = 32;
const BAR_CELLS = 20;
/** Lines of progress a step in --json, at most. */
const JSON_LINES = 10;

export class Report {
  /** How many there will be. */
  steps = 1;
  private step = 0;
  private name = "";
  private detail = "";
  private startedAt = 0;
  /** Of JSON_LINES. */
  private shown = 0;

  constructor(
    private readonly terminal: Terminal,
    private readonly isJson: boolean,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The next step begins; `detail` is for people. */
  begin(name: string, detail = ""): void {
    this.step++;
    this.name = name;
    this.detail = detail;
    this.startedAt = this.now();
    this.shown = 0;
    if (this.isJson) this.tell({ step: name, state: "begun", number: this.step, of: this.steps });
    else this.terminal.progress(this.head());
  }

  /** What people see behind the step's name from now on. */
  redetail(detail: string): void {
    this.detail = detail;
  }

  /** How far the step is: `done` of `total`, in a unit of its own. */
  progress(done: number, total: number): void {
    const part = total > 0 ? Math.min(1, done / total) : 0;
    if (!this.isJson) {
      const filled = Math.round(part * BAR_CELLS);
      const bar = `[${"#".repeat(filled)}${"-".repeat(BAR_CELLS - filled)}]`;
      const left = this.secondsLeft(part);
      this.terminal.progress(`${this.head()} ${bar} ${percent(part)}${left}`);
    } else if (Math.floor(part * JSON_LINES) > this.shown) {
      this.shown = Math.floor(part * JSON_LINES);
      this.tell({ step: this.name, state: "progress", done, total });
    }
  }

  /** The step came to this. */
  end(outcome: string, fields: object = {}): void {
    const ms = Math.round(this.now() - this.startedAt);
    if (this.isJson) this.tell({ step: this.name, state: "done", ms, outcome, ...fields });
    else this.terminal.print(`${this.head()} ${printable(outcome)}`);
  }

  /** What was found on the way. */
  note(text: string): void {
    if (this.isJson) this.tell({ note: text });
    else this.terminal.warn(`      ${printable(text)}`);
  }

  /** What may be trouble later; `mend`: what helps. */
  warning(text: string, mend = ""): void {
    if (this.isJson) return this.tell({ warning: text, mend });
    this.terminal.warn(`warning: ${printable(text)}${mend === "" ? "" : `\n   mend: ${mend}`}`);
  }

  /** The last object, or the last lines. */
  result(fields: object, lines: readonly string[]): void {
    if (this.isJson) this.tell(fields);
    else for (const line of lines) this.terminal.print(line);
  }

  /** The last object where it failed; people read the error itself. */
  failure({ code, message, exitCode, mend }: BowlineError): void {
    if (this.isJson) this.tell({ result: "failed", step: this.name, code, message, exitCode, mend });
  }

  private tell(fields: object): void {
    this.terminal.print(formatJson(fields));
  }

  private head(): string {
    const title = [
      `[${this.step}/${this.steps}]`,
      this.name,
      ...(this.detail === "" ? [] : [this.detail]),
      "",
    ].join(" ");
    return title.padEnd(LABEL_WIDTH, ".");
  }

  private secondsLeft(part: number): string {
    const seconds = (this.now() - this.startedAt) / 1000;
    if (part <= 0 || part >= 1 || seconds < 1) return "";
    return `  ${Math.ceil((seconds / part) * (1 - part))} s left`;
  }
}

function percent(part: number): string {
  return `${String(Math.floor(part * 100)).padStart(3)} %`;
}
