/** `bowline irc explain`: a line of IRC-IoT in words, and words as a line of IRC-IoT. */
import { randomInt } from "node:crypto";
import type { Command } from "commander";
import { messageOfDatum } from "../../irc-bridge/datum-content.ts";
import { nearestTelling, usageOfTelling } from "../../irc-bridge/tellings.ts";
import type { Datum } from "../../irc-iot/datum.ts";
import { IrcIotError } from "../../irc-iot/fault-code.ts";
import { type Counters, Packer } from "../../irc-iot/pack.ts";
import { splitWords } from "../../irc-iot/split-words.ts";
import { parseWords, type RequestMessage, sayRequest } from "../../irc-iot/words.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { collect } from "../arguments/options.ts";
import { formatJson, printable } from "../output/display.ts";
import type { Terminal } from "../process/terminal.ts";
import { type LogLine, parseLogLine } from "./log-line.ts";
import type { MessageReader, ReadContainer } from "./message-reader.ts";
import {
  containerWords,
  datumLine,
  datumWords,
  faultWords,
  fragmentWords,
  type Told,
  typeWords,
} from "./message-words.ts";
import { type KnownTypes, readTypes } from "./read-registry.ts";
import { type ReadingOptions, readerOf, withReadingOptions } from "./reading-options.ts";

interface ExplainOptions extends ReadingOptions {
  src: string;
  json?: boolean;
  config?: string;
  set?: string[];
}

/** Bytes of a line that every network takes, whatever mask and channel are (users: IRC habits). */
const SAFE_BYTES = 400;
/** Numbers as the reference begins with them: a line that is typed twice must not have the same. */
const FIRST = { mid: [10_000, 100_000], oid: [1000, 10_000], did: [100, 1000] } as const;
const LABEL_WIDTH = 10;

export function addExplain(irc: Command, terminal: Terminal): void {
  withReadingOptions(
    irc
      .command("explain")
      .description(
        "a line of IRC-IoT in words; and words, !led sim-1 on, as the line to say, to send and to post",
      )
      .argument("<text...>", "JSON, a whole line of IRC as a log has it, or words as they are typed there"),
  )
    .option("--src <address>", "of words: the address to which the board answers", "you@irc")
    .option("--json", "one object a line")
    .option("-c, --config <file>", "configuration with the gateway's name")
    .option("--set <key=value>", "one setting of it; may be repeated", collect)
    .addHelpText(
      "after",
      "\nSeveral lines, the fragments of a Datum say, are explained together: each a line of the argument." +
        "\nExit code 7 when nothing of it could be understood." +
        "\n\nExamples:" +
        `\n  bowline irc explain '{"mid":"53159","ver":"?"}'` +
        "\n  bowline irc explain led sim-1 on",
    )
    .action((texts: string[], options: ExplainOptions) => explain(texts.join(" "), options, terminal));
}

async function explain(text: string, options: ExplainOptions, terminal: Terminal): Promise<void> {
  const types = readTypes(options, terminal);
  const reader = await readerOf(options);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const said = lines.map(parseLogLine);
  const told = said.some((line) => line !== null)
    ? explainLines(lines, said, reader, types)
    : explainOther(text.trim(), options, types);
  for (const one of told) terminal.print(options.json ? formatJson(one) : formatTold(one));
  if (told.every(({ what }) => what === "fault")) throw notUnderstood();
}

function formatTold({ what, text }: Told): string {
  return `${what.padEnd(LABEL_WIDTH)} ${text}`;
}

function explainLines(
  lines: readonly string[],
  said: readonly (LogLine | null)[],
  reader: MessageReader,
  types: KnownTypes,
): Told[] {
  const told: Told[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = said[i];
    if (line === null) {
      told.push({ what: "fault", text: `line ${i + 1} is no IRC-IoT` });
      continue;
    }
    told.push(...speakerWords(line));
    const read = line.isNotice ? [] : reader.read(line, i + 1);
    if ("code" in read) told.push(faultWords(read));
    else for (const one of read) told.push(...explainContainer(one, reader, types));
  }
  for (const { did, received, bc, firstMissing } of reader.unfinished()) {
    const where = `${received} of ${bc} characters are here, the first that is missing is ${firstMissing}`;
    told.push({ what: "missing", text: printable(`of Datum ${did}: ${where}`) });
  }
  return told;
}

function speakerWords({ nick, channel, account, time, isNotice }: LogLine): Told[] {
  if (nick === "" && channel === null && !isNotice) return [];
  const who = nick === "" ? "us" : nick;
  const logged = account === null ? "" : `, logged in as ${account}`;
  const where = channel === null ? "in private, or the log does not say" : `in ${channel}`;
  const when = time === null ? "" : `, ${time}`;
  const said: Told = { what: "said", text: printable(`by ${who}${logged}, ${where}${when}`) };
  const why = "a NOTICE is not taken for IRC-IoT: answers to it would go round in circles";
  return isNotice ? [said, { what: "fault", text: why }] : [said];
}

function explainContainer(read: ReadContainer, reader: MessageReader, types: KnownTypes): Told[] {
  const { container, datums, faults, isRepeat, signature } = read;
  return [
    ...containerWords(container, signature),
    ...(isRepeat ? [{ what: "repeat", text: "the same was said before: who has it drops it" }] : []),
    ...container.fragments.map((fragment) => fragmentWords(fragment, reader.schemes.scheme)),
    ...faults.map(faultWords),
    ...(isEmpty(read) ? [{ what: "empty", text: "no Datum is in it, and nothing is asked" }] : []),
    ...datums.flatMap((datum) => [...datumWords(datum, types.registry), ...typedWords(datum, types)]),
  ];
}

function isEmpty({ container, datums, faults }: ReadContainer): boolean {
  const { ver, ping, pong, lst, fragments } = container;
  const services = [ver, ping, pong, lst].filter((one) => one !== undefined);
  return datums.length + fragments.length + services.length + faults.length + container.faults.length === 0;
}

/** The words that ask the same, of a Datum that asks a board for something. */
function typedWords(datum: Datum, { registry, boardOf }: KnownTypes): Told[] {
  const board = boardOf(datum.dst);
  if (registry.describeDatum(datum)?.role !== "request" || board === undefined) return [];
  return [{ what: "typed", text: printable(`!${sayRequest(board, messageOfDatum(datum), registry)}`) }];
}

/** No line of IRC-IoT: a Datum alone, or words. */
function explainOther(text: string, options: ExplainOptions, types: KnownTypes): Told[] {
  const words = splitWords(text.replace(/^!/, ""));
  const told = usageOfTelling(words[0] ?? "");
  if (told !== undefined && words[0] !== "send" && !(words[0] === "raw" && words.length > 2))
    return [
      { what: "command", text: `${told}; the gateway answers it, and no line of IRC-IoT asks the same` },
    ];
  const parsed = parseWords(words, types.registry);
  if ("message" in parsed) return explainRequest(parsed.device, parsed.message, options, types);
  const mend = `bowline irc explain '!${parsed.example}'`;
  const seen = `explaining ${JSON.stringify(printable(text))}: no IRC-IoT, and as a command: ${parsed.wrong}`;
  const nearest = parsed.wrong.endsWith("?") ? undefined : nearestTelling(words[0] ?? "");
  const meant = nearest === undefined ? seen : `${seen}; did you mean !${nearest}?`;
  const allowed = `${meant}${meant.endsWith("?") ? "" : ";"} allowed: ${parsed.allowed}`;
  throw new BowlineError("NOT_UNDERSTOOD", allowed, ExitCode.usage, mend);
}

function explainRequest(
  device: string,
  message: RequestMessage,
  { src, scheme }: ExplainOptions,
  types: KnownTypes,
): Told[] {
  const datum: Datum = { ...message, ot: message.ot, src, dst: types.addressOf(device) };
  const board = types.boardOf(datum.dst) ?? device;
  const { ot, ...fields } = message;
  const json = Object.keys(fields).length === 0 ? "" : ` ${shellQuoted(JSON.stringify(fields))}`;
  return [
    { what: "request", text: datumLine(datum, types.registry) },
    { what: "type", text: printable(typeWords(datum, types.registry)) },
    ...packed(datum, scheme).map((line) => ({ what: "say", text: line })),
    { what: "send", text: printable(`bowline send ${shellQuoted(board)} ${shellQuoted(ot)}${json}`) },
    { what: "post", text: `api/v1/devices/${encodeURIComponent(board)}/requests ${formatJson(message)}` },
  ];
}

/** The line as a bot says it, or the lines, where it is too long for one. */
function packed(datum: Datum, scheme: string): string[] {
  const counters: Counters = { mid: draw("mid"), oid: draw("oid"), did: draw("did") };
  try {
    const lines = new Packer(counters).pack([datum], SAFE_BYTES, { scheme, profile: "strict", checksum: "" });
    return lines.map(({ head, tail }) => `${head}${++counters.mid}${tail}`);
  } catch (error) {
    if (!(error instanceof IrcIotError)) throw error;
    throw new BowlineError("NOT_SAYABLE", `saying it in IRC-IoT: ${error.message}`, ExitCode.usage);
  }
}

function draw(counter: keyof typeof FIRST): number {
  const [from, to] = FIRST[counter];
  return randomInt(from, to);
}

/** As a shell takes it for one word. */
function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function notUnderstood(): BowlineError {
  const text = "explaining it: not one message of IRC-IoT could be understood";
  return new BowlineError("NOT_UNDERSTOOD", text, ExitCode.verification, "bowline irc explain --help");
}
