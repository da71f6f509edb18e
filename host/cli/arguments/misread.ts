/** The error for what was typed and is not allowed there. */
import { BowlineError, ExitCode } from "../../platform/errors.ts";

/** `name`: the option's or the argument's; `mend` where it is more than the verb's --help, which program.ts adds. */
export function misread(name: string, seen: string, allowed: string, mend = ""): BowlineError {
  return new BowlineError("USAGE", `reading ${name}: ${seen}; allowed: ${allowed}`, ExitCode.usage, mend);
}

/** The same of a text that is shown as it was typed. */
export function misreadText(name: string, text: string, allowed: string): BowlineError {
  return misread(name, JSON.stringify(text), allowed);
}
