/** The commands of the debugger that Ctrl-C in running code ends in (2v29). What steps through code goes on with it here. */
import { shown } from "./print-value.ts";
import type { Outcome } from "./run.ts";

/** Where the code is: its first line, if that is known. */
export function debuggerPlace(source: string): string {
  return `:1:1   ${source.split("\n")[0]}\n       ^\n`;
}

const HELP = `Commands:
help / h           - this information
quit / q / Ctrl-C  - Quit debug mode, break execution
reset              - Soft-reset Espruino
continue / c       - Continue execution
next / n           - execute to next line
step / s           - execute to next line, or step into function call
finish / f         - finish execution of the function call
print ... / p ...  - evaluate and print the next argument
info locals / i l)    - output local variables
info scopechain / i s - output all variables in all scopes
bt                 - print backtrace
`;

/** What a line does -> what is printed, and whether the code goes on or the board is reset. */
export function debuggerLine(
  line: string,
  evaluate: (source: string) => Outcome | undefined,
): { text: string; next?: "continue" | "reset" } {
  const [, word = "", rest = ""] = /^\s*([A-Za-z_]\w*)?\s*([\s\S]*)$/.exec(line) ?? [];
  if (["help", "h"].includes(word)) return { text: HELP };
  if (word === "reset") return { text: "", next: "reset" };
  // quit too: it was seen to leave a loop running, until the next Ctrl-C.
  if (["continue", "c", "next", "n", "step", "s", "finish", "f", "quit", "q"].includes(word))
    return { text: "", next: "continue" };
  if (["info", "i"].includes(word)) return { text: "No locals found\n" };
  if (word === "bt") return { text: "" };
  if (!["print", "p"].includes(word))
    return { text: "In debug mode: Expected a simple ID, type 'help' for more info.\n" };
  const outcome = evaluate(rest);
  const value =
    outcome === undefined || outcome === "stuck" || "error" in outcome ? undefined : outcome.value;
  return { text: `=${shown(value, { isResult: true })}\n` };
}
