/** The program `bowline`: joins the command to this process. */
import { BowlineError, ExitCode, formatError } from "../platform/errors.ts";
import { ProcessTerminal } from "./process-terminal.ts";
import { runProgram } from "./program.ts";

const terminal = new ProcessTerminal(process);
terminal.start();
process.once("uncaughtException", (error) => {
  terminal.warn(formatError(error));
  terminal.end(error instanceof BowlineError ? error.exitCode : ExitCode.failure);
});
terminal.end(await runProgram(process.argv.slice(2), terminal));
