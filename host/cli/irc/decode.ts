/** `bowline irc decode`: what a log of IRC holds of IRC-IoT, one Datum a line. */
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Datum } from "../../irc-iot/datum.ts";
import { type Fault, FaultCode } from "../../irc-iot/fault-code.ts";
import type { Container } from "../../irc-iot/message.ts";
import type { Registry } from "../../irc-iot/registry.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { collect } from "../arguments/options.ts";
import { formatCount } from "../output/amounts.ts";
import { formatJson, printable } from "../output/display.ts";
import type { Terminal } from "../process/terminal.ts";
import { inputLines } from "./input-lines.ts";
import { type LogLine, parseLogLine } from "./log-line.ts";
import type { MessageReader, ReadContainer } from "./message-reader.ts";
import { containerWords, datumLine } from "./message-words.ts";
import { readTypes } from "./read-registry.ts";
import { type ReadingOptions, readerOf, withReadingOptions } from "./reading-options.ts";
import type { SignatureState } from "./signatures.ts";

interface DecodeOptions extends ReadingOptions {
  json?: boolean;
  all?: boolean;
  config?: string;
  set?: string[];
}

export function addIrcDecode(irc: Command, terminal: Terminal): void {
  withReadingOptions(
    irc
      .command("decode")
      .description("what a log of IRC holds of IRC-IoT, one Datum a line; fragments are put together")
      .argument("[file]", "the log; - or nothing: what comes by a pipe", "-"),
  )
    .option("--all", "also what is no Datum: versions, pings, requests for what was lost")
    .option("--json", "one object a line, faults among them")
    .option("-c, --config <file>", "configuration with the gateway's name")
    .option("--set <key=value>", "one setting of it; may be repeated", collect)
    .addHelpText(
      "after",
      "\nLogs may be lines of IRC, with message tags or without, what irssi, weechat, ZNC, HexChat and mIRC write, or bare" +
        " JSON. What people say in them is passed over. (repeated): said before, in the same words." +
        "\n\nExit codes: 0 all was taken that began as IRC-IoT does; 7 some was not, or a Datum was never completed: the line" +
        " and the code of the protocol are told on stderr." +
        "\n\nExamples:" +
        "\n  bowline irc decode < lab.log" +
        "\n  bowline irc decode --json lab.log | jq 'select(.datum.ot == \"l:telemetry\") | .datum.temp'",
    )
    .action((file: string, options: DecodeOptions) => decodeLog(file, options, terminal));
}

async function decodeLog(file: string, options: DecodeOptions, terminal: Terminal): Promise<void> {
  const decoding = new Decoding(
    await readerOf(options),
    readTypes(options, terminal).registry,
    options,
    terminal,
  );
  for await (const line of inputLines(inputOf(file, terminal))) {
    decoding.take(line);
    await terminal.whenReady();
    terminal.signal.throwIfAborted();
  }
  decoding.end();
}

function inputOf(file: string, terminal: Terminal): AsyncIterable<Uint8Array> {
  return file === "-" ? terminal.input : logFile(file, terminal);
}

async function* logFile(file: string, { cwd, signal }: Terminal): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(resolve(cwd, file), { signal });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ABORT_ERR") throw error;
    const exits: Record<string, ExitCode> = { ENOENT: ExitCode.notFound, EACCES: ExitCode.permission };
    const reasons: Record<string, string> = {
      ENOENT: "no such file",
      EACCES: "not yours to read",
      EISDIR: "a folder, expected a log",
    };
    const seen = reasons[code ?? ""] ?? code;
    throw new BowlineError("LOG_FILE", `reading ${file}: ${seen}`, exits[code ?? ""] ?? ExitCode.failure);
  }
}

class Decoding {
  private lines = 0;
  private messages = 0;
  private datums = 0;
  private faults = 0;

  constructor(
    private readonly reader: MessageReader,
    private readonly registry: Registry,
    private readonly options: DecodeOptions,
    private readonly terminal: Terminal,
  ) {}

  /** undefined: a line that is too long to be one. */
  take(text: string | undefined): void {
    this.lines++;
    if (text === undefined) {
      this.fault({
        code: FaultCode.INVALID_MESSAGE,
        reason: "message: a line of more than 65536 characters",
      });
      return;
    }
    const line = parseLogLine(text);
    if (line === null || line.isNotice) return;
    this.messages++;
    const read = this.reader.read(line, this.lines);
    if ("code" in read) this.fault(read, line);
    else for (const one of read) this.container(one, line);
  }

  /** Says what is left over. */
  end(): void {
    for (const { did, ot, sender, received, bc, quietSince } of this.reader.unfinished()) {
      const reason = `fragment: Datum ${did}, ${ot}: ${received} of ${bc} characters came`;
      this.fault({ code: FaultCode.FRAGMENT_MISSING, reason }, { nick: sender, channel: null }, quietSince);
    }
    const { messages, datums, faults, lines } = this;
    const seen = `${formatCount(lines, "line")}, ${messages} of IRC-IoT, ${formatCount(datums, "Datum")}`;
    if (!this.options.json) this.terminal.warn(`${seen}, ${formatCount(faults, "fault")}`);
    if (faults > 0) throw notAllTaken(faults);
  }

  private container(read: ReadContainer, line: LogLine): void {
    const { container, datums, faults, signature } = read;
    for (const fault of [...container.faults, ...faults, ...signatureFaults(signature)])
      this.fault(fault, line);
    if (this.options.all)
      for (const { what, text } of containerWords(container))
        if (what === "service") this.service(text, container, line);
    for (const datum of datums) this.datum(datum, read, line);
  }

  private datum(
    datum: Datum,
    { container: { mid }, isRepeat, signature }: ReadContainer,
    line: LogLine,
  ): void {
    this.datums++;
    if (this.options.json)
      this.json({ ...whereOf(line), mid, ...(isRepeat ? { isRepeat } : {}), signature, datum });
    else this.words(`${datumLine(datum, this.registry)}${isRepeat ? " (repeated)" : ""}`, line);
  }

  private service(text: string, { mid, ver, ping, pong, lst }: Container, line: LogLine): void {
    if (this.options.json) this.json({ ...whereOf(line), mid, service: { ver, ping, pong, lst } });
    else this.words(text, line);
  }

  private words(text: string, line: LogLine): void {
    this.terminal.print(`${String(this.lines).padStart(5)}  ${whoAndWhere(line)}${text}`);
  }

  private fault({ code, reason }: Fault, where: Place = nowhere, line = this.lines): void {
    this.faults++;
    if (this.options.json) this.json({ ...whereOf(where), fault: { code, reason } }, line);
    else this.terminal.warn(printable(`line ${line}: ${code} ${reason}${bracketed(whoAndWhere(where))}`));
  }

  private json(fields: object, line = this.lines): void {
    this.terminal.print(formatJson({ line, ...fields }));
  }
}

/** What a receiver that insists on the key refuses. */
function signatureFaults(state: SignatureState): Fault[] {
  if (state !== "wrong" && state !== "unsigned") return [];
  const seen = state === "unsigned" ? "there is none" : "not by that key behind what was said before";
  return [{ code: FaultCode.SIGNATURE, reason: `signature: ${seen}` }];
}

type Place = Pick<LogLine, "nick" | "channel"> & Partial<LogLine>;
const nowhere: Place = { nick: "", channel: null };

function whereOf({ nick, channel, account = null, time = null }: Place): object {
  return {
    ...(nick === "" ? {} : { nick }),
    ...(channel === null ? {} : { channel }),
    ...(account === null ? {} : { account }),
    ...(time === null ? {} : { time }),
  };
}

/** `#lab gw-kitchen  `, as far as the log says. */
function whoAndWhere({ nick, channel }: Place): string {
  const names = [channel ?? "", nick].filter((name) => name !== "");
  return names.length === 0 ? "" : `${printable(names.join(" "))}  `;
}

function bracketed(text: string): string {
  return text === "" ? "" : ` (${text.trim()})`;
}

function notAllTaken(faults: number): BowlineError {
  const text = `decoding the log: ${formatCount(faults, "fault")}; what could be decoded was told`;
  return new BowlineError("NOT_UNDERSTOOD", text, ExitCode.verification, "bowline irc explain 'THE LINE'");
}
