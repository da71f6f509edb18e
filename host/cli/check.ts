/** `bowline check`: whether anything is wrong, since when, and what mends it; for people, scripts and Nagios. */
import { type Command, CommanderError } from "commander";
import type { DeviceList, StatusView } from "../http/api.ts";
import { ExitCode, typedMend } from "../platform/errors.ts";
import type { Problem, ProblemsView } from "../problems/problem.ts";
import { type NagiosResult, nagiosLine, nagiosOf, unaskable } from "./check/nagios.ts";
import { connectClient } from "./gateway/client.ts";
import { isAbortError } from "./gateway/http-call.ts";
import { type Asking, type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { formatAge } from "./output/amounts.ts";
import { paint } from "./output/colour.ts";
import { formatJson, printable } from "./output/display.ts";
import { formatSubject } from "./output/happening-words.ts";
import { formatDate } from "./output/message-line.ts";
import { type Column, formatTable } from "./output/table.ts";
import { hang } from "./output/wrap.ts";
import type { Terminal } from "./process/terminal.ts";
import { VerbEnd } from "./process/verb-end.ts";

type CheckOptions = GatewayOptions & { json?: boolean; nagios?: boolean };

/** A supervisor gives a plugin 10 s, most of the time. */
const PATIENCE_MS = 8000;

const columnsAt = (now: number): readonly Column<Problem>[] => [
  { title: "of", value: ({ subject }) => formatSubject(subject) },
  {
    title: "level",
    value: ({ level }) => level,
    tone: ({ level }) => (level === "critical" ? "bad" : "warn"),
  },
  { title: "since", value: ({ since }) => formatDate(since) },
  { title: "for", value: ({ since }) => formatAge(Math.max(0, now - since)) },
  { title: "code", value: ({ code }) => code },
];

export function addCheck(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("check")
      .description("whether anything is wrong, since when, and what mends it")
      .option(
        "--nagios",
        "one line with performance data for Nagios, Icinga and the like; exit code 0, 1, 2 or 3",
      )
      .option("--json", "one problem a line"),
  )
    .addHelpText(
      "after",
      "\nExit code 0: nothing is wrong; 1: something is." +
        "\nWith --nagios: 0 OK; 1 WARNING: somebody should look; 2 CRITICAL: messages wait or are lost," +
        " something does not work, or the gateway is not there; 3 UNKNOWN: it could not be asked, for want of a token, say." +
        "\ndocs/operating.md has the problems one by one.",
    )
    .action((options: CheckOptions) =>
      options.nagios ? nagios(options, terminal) : check(options, terminal),
    );
}

async function check(options: CheckOptions, terminal: Terminal): Promise<void> {
  const client = await connectClient(options, terminal);
  const view = (await client.get("api/v1/problems")) as ProblemsView;
  if (options.json) for (const problem of view.problems) terminal.print(formatJson(problem));
  else for (const line of formatProblems(view, terminal)) terminal.print(line);
  // The table has told it all: a script reads the exit code.
  if (view.problems.length + view.more > 0) throw new VerbEnd(ExitCode.failure);
}

/** What is wrong and its mend are lines of their own: neither is to be shortened. */
function formatProblems(
  { problems, more }: ProblemsView,
  { columns: width, isColoured }: Terminal,
): string[] {
  if (problems.length === 0) return [paint("all is well", isColoured ? "good" : undefined)];
  const columns = columnsAt(Date.now());
  const table = formatTable(columns, problems, width, isColoured);
  const isTable = table.length === problems.length + 1;
  const rowOf = (problem: Problem, i: number) =>
    isTable ? [table[i + 1]] : formatTable(columns, [problem], width, isColoured);
  return [
    ...(isTable ? [table[0]] : []),
    ...problems.flatMap((problem, i) => [
      ...rowOf(problem, i),
      ...hang("  ", printable(problem.what), width),
      ...hang("  mend: ", printable(typedMend(problem.mend)), width),
    ]),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

async function nagios(options: CheckOptions, terminal: Terminal): Promise<void> {
  const { env, cwd, signal: ending } = terminal;
  const signal = AbortSignal.any([ending, AbortSignal.timeout(PATIENCE_MS)]);
  const result = await ask(options, { env, cwd, signal }).catch((error: unknown) => {
    ending.throwIfAborted();
    return unaskable(error);
  });
  terminal.print(nagiosLine(result));
  throw new VerbEnd(result.exitCode);
}

/** A supervisor reads the exit code 2 of a mistyped option as critical: here it is UNKNOWN, as all that keeps us from asking. */
export const isNagiosCheck = (args: readonly string[]) => args[0] === "check" && args.includes("--nagios");

/** How such a check ends that did not come to be made. */
export function endNagiosCheck(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof VerbEnd) return error.exitCode;
  if (isAbortError(error) && terminal.signal.aborted) return terminal.interruptedCode;
  if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.ok;
  const result = unaskable(error);
  terminal.print(nagiosLine(result));
  return result.exitCode;
}

async function ask(options: CheckOptions, place: Asking): Promise<NagiosResult> {
  const client = await connectClient(options, place);
  const view = (await client.get("api/v1/problems")) as ProblemsView;
  const status = (await client.get("api/v1/status")) as StatusView;
  const { devices } = (await client.get("api/v1/devices")) as DeviceList;
  return nagiosOf(view, status, devices);
}
