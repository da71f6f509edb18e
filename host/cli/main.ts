/** The program `bowline`: joins the command to this process. */
import { BowlineError, ExitCode, formatError } from "../platform/errors.ts";
import { ProcessTerminal } from "./process/process-terminal.ts";
import { runProgram } from "./program.ts";

refuseWithoutFolder();
const terminal = new ProcessTerminal(process);
terminal.start();
process.once("uncaughtException", (error) => {
  terminal.warn(formatError(error));
  terminal.end(error instanceof BowlineError ? error.exitCode : ExitCode.failure);
});
terminal.end(await runProgram(process.argv.slice(2), terminal));

/** A folder that was deleted while a shell stands in it: Node can neither name it nor look into it. */
function refuseWithoutFolder(): void {
  try {
    process.cwd();
  } catch {
    const text = "starting: the current folder does not exist any more";
    process.stderr.write(`${formatError(new BowlineError("FOLDER_GONE", text, ExitCode.notFound, "cd"))}\n`);
    process.exit(ExitCode.notFound);
  }
}
