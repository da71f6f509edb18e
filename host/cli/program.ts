/** The command `bowline`: its verbs, its help, and how each run of it ends. */
import { Command, CommanderError } from "commander";
import { BowlineError, ExitCode, formatError } from "../platform/errors.ts";
import { suggest } from "../platform/suggest.ts";
import { addBackup } from "./backup.ts";
import { addChaos } from "./chaos.ts";
import { addCheck, endNagiosCheck, isNagiosCheck } from "./check.ts";
import { addCompletion } from "./completion.ts";
import { addComponents } from "./components.ts";
import { addConfig } from "./config.ts";
import { addDecode } from "./decode.ts";
import { addDevices } from "./devices.ts";
import { addDoctor } from "./doctor.ts";
import { addFlash } from "./flash.ts";
import { isAbortError } from "./gateway/http-call.ts";
import { addHistory } from "./history.ts";
import { addInstall } from "./install.ts";
import { addIrc } from "./irc.ts";
import { addKey } from "./key.ts";
import { addKill } from "./kill.ts";
import { addManual } from "./manual.ts";
import { addNorthbound } from "./northbound.ts";
import { paintError } from "./output/colour.ts";
import { fitHelp } from "./output/help-text.ts";
import { addPair } from "./pair.ts";
import { addPeers } from "./peers.ts";
import { addPorts } from "./ports.ts";
import { journalLine } from "./process/journal-log.ts";
import type { Terminal } from "./process/terminal.ts";
import { VerbEnd } from "./process/verb-end.ts";
import { version } from "./process/version.ts";
import { addQueue } from "./queue.ts";
import { addRestore } from "./restore.ts";
import { addSend } from "./send.ts";
import { addSessions } from "./sessions.ts";
import { addSim } from "./sim.ts";
import { addSniff } from "./sniff.ts";
import { addTail } from "./tail.ts";
import { addTasks } from "./tasks.ts";
import { addTimeline } from "./timeline.ts";
import { addUp } from "./up.ts";
import { addVerify } from "./verify.ts";

/** In the order of --help. */
const verbs = [
  addUp,
  addSim,
  addTail,
  addSend,
  addCheck,
  addTimeline,
  addHistory,
  addDevices,
  addSessions,
  addNorthbound,
  addPeers,
  addQueue,
  addComponents,
  addTasks,
  addKill,
  addIrc,
  addPorts,
  addDoctor,
  addFlash,
  addPair,
  addKey,
  addSniff,
  addDecode,
  addChaos,
  addVerify,
  addBackup,
  addRestore,
  addConfig,
  addInstall,
  addCompletion,
  addManual,
];

const EXAMPLES = `
Examples:
  bowline up --demo                        the gateway with a simulated board
  bowline devices                          what is connected
  bowline send sim-1 l:led '{"on":true}'   a request, and its reply
  bowline tail --json | jq .message.temp   every value, once
  bowline decode 01 00                     bytes in words

Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 permission, 5 busy, 6 timeout, \
7 verification failed, 8 refused by the other side, 130 interrupted.
"bowline VERB --help" tells the options of a verb.`;

/** Where nobody says how wide a line may be; and what makes no sense to be less. */
const HELP_WIDTH = 100;
const LEAST_HELP_WIDTH = 40;

/** Runs one command line, without the program's name -> the exit code. Never rejects. */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const program = createProgram(terminal);
  try {
    refuseUnknownVerb(args[0], ["help", ...program.commands.map((command) => command.name())]);
    program.hook("preAction", (_, verb) => {
      // Programs read what it prints, and may show it themselves.
      if (verb.optsWithGlobals().json === true) terminal.hideProgress();
    });
    await program.parseAsync(args, { from: "user" });
    return ExitCode.ok;
  } catch (error) {
    if (isNagiosCheck(args)) return endNagiosCheck(error, terminal);
    return codeOf(error, program, args, terminal);
  }
}

/** The whole command, of which help, completion and manual are made. */
export function createProgram(terminal: Terminal): Command {
  const helpWidth = () => Math.max(LEAST_HELP_WIDTH, terminal.columns ?? HELP_WIDTH);
  const program = new Command("bowline")
    .description("A gateway for Espruino microcontrollers: every message arrives once, in order.")
    .version(version, "-V, --version", "the version of the program")
    .usage("VERB [options]")
    // A verb with verbs of its own leaves them their options.
    .enablePositionalOptions()
    .addHelpText("after", EXAMPLES)
    .helpOption("-h, --help", "this help")
    .helpCommand("help [verb]", "the help of a verb")
    .configureHelp({
      subcommandTerm: (verb) => verb.name(),
      styleTitle: (title) => title.replace("Commands:", "Verbs:"),
    })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(fitHelp(text.trimEnd(), helpWidth())),
      writeErr: (text) => terminal.warn(fitHelp(text.trimEnd(), helpWidth())),
      getOutHelpWidth: helpWidth,
      getErrHelpWidth: helpWidth,
      // Usage errors are printed as all others are.
      outputError() {},
    });
  for (const add of verbs) add(program, terminal);
  return program;
}

function codeOf(error: unknown, program: Command, args: readonly string[], terminal: Terminal): ExitCode {
  if (error instanceof VerbEnd) return error.exitCode;
  if (isAbortError(error) && terminal.signal.aborted) return terminal.interruptedCode;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return ExitCode.ok;
    // "commander.help": the help was printed for want of a verb.
    if (error.code === "commander.help") return ExitCode.usage;
    return codeOf(usageError(error, program, args), program, args, terminal);
  }
  const text = formatError(withHelp(error, program, args));
  if (terminal.isJournal) for (const line of text.split("\n")) terminal.warn(journalLine("error", line));
  else terminal.warn(terminal.isWarnColoured ? paintError(text) : text);
  return error instanceof BowlineError ? error.exitCode : ExitCode.failure;
}

/** Whoever typed what is not allowed, and is told no mend, may want to know what is. */
function withHelp(error: unknown, program: Command, args: readonly string[]): unknown {
  if (!(error instanceof BowlineError) || error.exitCode !== ExitCode.usage || error.mend !== "")
    return error;
  const { verbs } = findVerb(program, args);
  return new BowlineError(
    error.code,
    error.message,
    error.exitCode,
    `bowline ${[...verbs, "--help"].join(" ")}`,
  );
}

/** `error: unknown option '--jsn'\n(Did you mean --json?)` in our words. */
function usageError(
  { code, message }: CommanderError,
  program: Command,
  args: readonly string[],
): BowlineError {
  const { verbs, command, next } = findVerb(program, args);
  const mend = `bowline ${[...verbs, "--help"].join(" ")}`;
  const known = command.commands.map((one) => one.name());
  // A verb that does something by itself as well takes the mistyped name of one of its own for a word too many.
  if (
    code === "commander.excessArguments" &&
    known.length > 0 &&
    next !== undefined &&
    !next.startsWith("-")
  ) {
    const nearest = suggest(next, known);
    const seen = `no ${[...verbs, next].join(" ")}${nearest === undefined ? "" : `; did you mean ${nearest}?`}`;
    const allowed = nearest === undefined ? `; allowed: ${known.join(", ")}` : "";
    return new BowlineError("USAGE", `${seen}${allowed}`, ExitCode.usage, mend);
  }
  const text = message.replace(/^error: /, "").replace(/\s*\(Did you mean (.*)\?\)/, "; did you mean $1?");
  return new BowlineError("USAGE", text, ExitCode.usage, mend);
}

/** The verb that was meant, `irc ask`, as deep as its names are right, and the word behind it. */
function findVerb(program: Command, args: readonly string[]) {
  const verbs: string[] = [];
  let command = program;
  for (const word of args) {
    const found = command.commands.find((one) => one.name() === word);
    if (found === undefined) break;
    command = found;
    verbs.push(word);
  }
  return { verbs, command, next: args[verbs.length] };
}

function refuseUnknownVerb(verb: string | undefined, known: string[]): void {
  if (verb === undefined || verb.startsWith("-") || known.includes(verb)) return;
  const nearest = suggest(verb, known);
  const question = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  throw new BowlineError("USAGE", `unknown verb '${verb}'${question}`, ExitCode.usage, "bowline --help");
}
