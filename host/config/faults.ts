/** Faults of a configuration: each with its place, all of them in one error. */
import { BowlineError, ExitCode } from "../platform/errors.ts";

export type ConfigCode =
  | "CONFIG_NOT_FOUND"
  | "CONFIG_UNREADABLE"
  | "CONFIG_SYNTAX"
  | "CONFIG_UNKNOWN_KEY"
  | "CONFIG_INVALID";

/** One fault. `place` is `file:line:column`, a variable, or an option; `text` says what was seen and what is allowed. */
export interface Fault {
  readonly code: ConfigCode;
  readonly place: string;
  readonly text: string;
}

/** All faults found, one a line and each once, in the order of their places; `code` is that of the first. */
export class ConfigError extends BowlineError {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[], exitCode: ExitCode = ExitCode.usage, mend = "") {
    // One value may break two rules that read the same: "a whole number from 0 to 255" is broken twice by -0.5.
    const byLine = new Map(faults.map((fault) => [`reading ${fault.place}: ${fault.text}`, fault]));
    const sorted = [...byLine].sort(([, a], [, b]) => byNumber.compare(a.place, b.place));
    super(sorted[0]?.[1].code ?? "CONFIG_INVALID", sorted.map(([line]) => line).join("\n"), exitCode, mend);
    this.faults = sorted.map(([, fault]) => fault);
  }
}

/** Throws one ConfigError for all of `faults`; does nothing when there are none. */
export function throwFaults(faults: readonly Fault[]): void {
  if (faults.length > 0)
    throw new ConfigError(faults, ExitCode.usage, "bowline config schema lists every key");
}

/** `unknown key "prot" in http; allowed: enabled, host, port; did you mean "port"?` */
export function unknownKeyText(
  key: string,
  section: string,
  allowed: readonly string[],
  nearest?: string,
): string {
  const where = section === "" ? "" : ` in ${section}`;
  const question = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  return `unknown key "${key}"${where}; allowed: ${allowed.join(", ")}${question}`;
}

/** A value as it is shown in a fault: short, of one line, and of an address without the user and password in it. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a section";
  const shown =
    typeof value === "string" ? JSON.stringify(value.replace(loginInAddress, "://…@")) : String(value);
  return shown.length <= longestShown ? shown : `${shown.slice(0, longestShown)}…`;
}

const longestShown = 60;
/** A password may hold an @ and a / itself. */
const loginInAddress = /:\/\/\S*@/;
// Line 10 comes after line 4.
const byNumber = new Intl.Collator("en", { numeric: true });
