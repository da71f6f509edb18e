/** `bowline manual`: the manual page, of what the help of each verb says. */
import { dirname } from "node:path";
import type { Argument, Command, Option } from "commander";
import { bold, escapeRoff, paragraphs } from "./papers/roff.ts";
import { allVerbs, type VerbTree, verbTree } from "./papers/verb-tree.ts";
import { dissectorPath } from "./process/program-files.ts";
import type { Terminal } from "./process/terminal.ts";
import { version } from "./process/version.ts";

/** What help says of this place holds wherever the page is read. */
const FOLDER = dirname(dissectorPath);
const ANY_FOLDER = "PACKAGE/dist";

const DESCRIPTION = `\
Bowline ties microcontrollers that run JavaScript (Espruino) to a gateway, by cable or network, with a session that does not come \
undone: whatever is pulled, moved, killed or restarted, every message arrives once, in order.
bowline up runs the gateway. The other verbs ask one that runs, over its HTTP API, or need none. Listings have --json, one object a \
line. Durations take s, m, h: 90s, 5m.
An error says what was attempted, what was seen and what is allowed; behind mend: is the command that helps.`;

const EXIT_STATUS: readonly [string, string][] = [
  ["0", "ok"],
  ["1", "failure"],
  ["2", "usage"],
  ["3", "not found"],
  ["4", "permission"],
  ["5", "busy"],
  ["6", "timeout"],
  ["7", "verification failed"],
  ["8", "refused by the other side"],
  ["130", "interrupted"],
];

const ENVIRONMENT: readonly [string, string][] = [
  ["BOWLINE_CONFIG", "the configuration, where --config names none"],
  ["BOWLINE_A_B", "the setting a.b of the configuration, over the file: BOWLINE_HTTP_PORT is http.port"],
  ["BOWLINE_TOKEN", "the token with which a gateway is asked whose data folder cannot be read"],
  ["BOWLINE_PORT", "the board's port, for flash"],
  ["BOWLINE_WIFI_PASSWORD", "the password of the Wi-Fi, for flash"],
  ["NO_COLOR, FORCE_COLOR", "no colour, also on a terminal; colour, also elsewhere"],
];

const FILES: readonly [string, string][] = [
  ["./bowline.yaml", "the configuration; else ~/.config/bowline/bowline.yaml"],
  ["./data", "store, keys and token of the gateway (data)"],
];

export function addManual(program: Command, terminal: Terminal): void {
  program
    .command("manual")
    .description("this help, of all verbs, as a manual page: bowline manual | man -l -")
    .action(() => terminal.print(manualPage(verbTree(program)).trimEnd()));
}

function manualPage(tree: VerbTree): string {
  const shared = sharedOptions(tree);
  const lines = [
    `.TH BOWLINE 1 "" "Bowline ${version}" "Bowline"`,
    // Neither blanks between words nor hyphens inside them: what is printed is typed again.
    ".ad l",
    ".nh",
    ".SH NAME",
    `bowline \\- ${escapeRoff(tree.description.replace(/\.$/, ""))}`,
    ".SH SYNOPSIS",
    `${bold("bowline")} ${escapeRoff(tree.usage)}`,
    ".SH DESCRIPTION",
    ...paragraphs(DESCRIPTION).slice(1),
    ".SH OPTIONS",
    ...optionLines(tree.options),
    ".SS Of most verbs",
    ...optionLines([...shared.values()]),
    ".SH VERBS",
    ...allVerbs(tree).flatMap((verb) => verbLines(verb, shared)),
    ".SH EXIT STATUS",
    ...EXIT_STATUS.flatMap(entry),
    ".SH ENVIRONMENT",
    ...ENVIRONMENT.flatMap(entry),
    ".SH FILES",
    ...FILES.flatMap(entry),
    ".SH EXAMPLES",
    ...paragraphs(examplesOf(tree)).slice(1),
  ];
  return `${lines.join("\n").replaceAll(escapeRoff(FOLDER), escapeRoff(ANY_FOLDER))}\n`;
}

/** The rest of what stands there is told above. */
function examplesOf({ after }: VerbTree): string {
  return after
    .split("\n")
    .filter((line) => line.startsWith(" "))
    .join("\n");
}

/** Those that nearly every verb has, told once. */
function sharedOptions(tree: VerbTree): ReadonlyMap<string, Option> {
  const verbs = allVerbs(tree);
  const options = verbs.flatMap((verb) => verb.options);
  const isShared = (key: string) => options.filter((one) => keyOf(one) === key).length > verbs.length / 4;
  return new Map(options.map((option) => [keyOf(option), option] as const).filter(([key]) => isShared(key)));
}

const keyOf = ({ flags, description }: Option) => `${flags} ${description}`;

function verbLines(verb: VerbTree, shared: ReadonlyMap<string, Option>): string[] {
  const own = verb.options.filter((option) => !shared.has(keyOf(option)));
  return [
    `.SS bowline ${escapeRoff(`${verb.name} ${verb.usage}`)}`,
    escapeRoff(verb.description),
    ...verb.arguments.flatMap((argument) => entry([argument.name(), wordsOf(argument)])),
    ...optionLines(own),
    ...paragraphs(verb.after),
  ];
}

function optionLines(options: readonly Option[]): string[] {
  return options.flatMap((option) => entry([option.flags, wordsOf(option)]));
}

/** What help says behind it: words that are allowed, and the default. */
function wordsOf({ description, argChoices, defaultValue }: Option | Argument): string {
  const more = [
    ...(argChoices ? [`one of ${argChoices.join(", ")}`] : []),
    ...(typeof defaultValue === "string" ? [`default: ${defaultValue}`] : []),
  ];
  return more.length === 0 ? description : `${description} (${more.join("; ")})`;
}

function entry([name, words]: readonly [string, string]): string[] {
  return [".TP", bold(name), escapeRoff(words)];
}
