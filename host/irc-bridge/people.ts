/**
 * People, who have nothing but an IRC client: `!led sim-1 on` in a channel, the same with or without its mark in private.
 * What is asked of a board goes where a Datum that asks it would go; what is only told needs no board.
 */
import type { HeardLine } from "../irc-iot/line.ts";
import type { Registry } from "../irc-iot/registry.ts";
import { splitWords } from "../irc-iot/split-words.ts";
import { parseWords, type Wrong } from "../irc-iot/words.ts";
import { suggest } from "../platform/suggest.ts";
import type { Addresses } from "./addresses.ts";
import { type CommandDesk, NOT_PROVED } from "./command-desk.ts";
import type { KillDesk } from "./kill-desk.ts";
import {
  type Facts,
  tellComponents,
  tellDevices,
  tellHelp,
  tellLast,
  tellQueue,
  tellRaw,
  tellStatus,
  tellTasks,
  tellVersion,
  tooManyWords,
  usageOfTelling,
} from "./tellings.ts";

export interface PeopleServices {
  desk: CommandDesk;
  kills: KillDesk;
  registry: Registry;
  addresses: Addresses;
  facts: Facts;
  readers: "anyone" | "operators";
  /** Known boards, as the router has them. */
  devices(): string[];
  /** A number for a request of theirs, and what tells it from all others that say the same. */
  number(): number;
  unique(): string;
  /** To where it was asked; false: they had too many of late, and nothing is said. */
  reply(line: HeardLine, texts: readonly string[]): void | Promise<void>;
}

type Telling = (words: readonly string[], facts: Facts) => string[];

const MARK = "!";
const NOT_PROVED_TEXT = `${NOT_PROVED.reason} [${NOT_PROVED.refused}]`;
/** What only tells; `raw` too, when it names nothing but a board. */
const tellings: Readonly<Record<string, Telling>> = {
  help: tellHelp,
  devices: tellDevices,
  status: tellStatus,
  last: tellLast,
  queue: tellQueue,
  tasks: tellTasks,
  components: tellComponents,
  version: tellVersion,
  raw: tellRaw,
};
/** How another gateway begins to say that it has not understood. */
const NOT_UNDERSTOOD = /^no (command|board) /;
/** Formatting, CTCP, and what looks like nothing: a line with it is no command (IRC-IoT §19). */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

export class People {
  readonly counts = { heard: 0, odd: 0 };

  constructor(private readonly services: PeopleServices) {}

  /** A line that is no IRC-IoT. Resolves once it is dealt with. */
  async hear(line: HeardLine): Promise<void> {
    const { text, channel } = line;
    const isMarked = text.startsWith(MARK);
    if ((channel !== null && !isMarked) || NOT_UNDERSTOOD.test(text)) return;
    if (INVISIBLE.test(text)) {
      this.counts.odd++;
      return;
    }
    const words = splitWords(isMarked ? text.slice(MARK.length) : text);
    const [command] = words;
    if (command === undefined || !/^[a-z]/i.test(command)) return;
    this.counts.heard++;
    const texts = await this.answer(words, line);
    if (texts.length > 0) await this.services.reply(line, texts);
  }

  private async answer(words: string[], line: HeardLine): Promise<string[]> {
    const [command] = words;
    if (command !== "raw" && Object.hasOwn(tellings, command)) return this.tell(command, words, line);
    if (command === "cancel") return this.cancel(words, line);
    if (command === "kill") return this.kill(words, line);
    // Before it shows whether there is such a board.
    if (command === "raw" && words.length === 2 && !(await this.mayRead(command, line)))
      return [NOT_PROVED_TEXT];
    if (command === "raw")
      return this.isOneBoard(words) ? this.tell("raw", words, line) : this.ask(words.slice(1), line, "raw");
    return this.ask(words, line, "words");
  }

  private async tell(command: string, words: string[], line: HeardLine): Promise<string[]> {
    const { facts, addresses } = this.services;
    const { channel } = line;
    const [, board] = words;
    if (isElsewhere(board, addresses))
      return channel === null ? [`${board} is not a board of this gateway`] : [];
    if (command !== "help" && !(await this.mayRead(command, line))) return [NOT_PROVED_TEXT];
    const odd = tooManyWords(words);
    if (odd !== undefined) return [odd];
    const asked =
      board === undefined || command === "help"
        ? words
        : [command, addresses.toBoardOfPeople(board), ...words.slice(2)];
    return tellings[command](asked, facts);
  }

  /** Whether who said it may know which boards there are, and how they are. */
  private async mayRead(command: string, { from: speaker, channel }: HeardLine): Promise<boolean> {
    const { desk, readers } = this.services;
    if (readers === "anyone" || (await desk.identify(speaker, null)) !== null) return true;
    desk.refused({ speaker, channel, device: "" }, command, NOT_PROVED.refused);
    return false;
  }

  private isOneBoard([, board, ...rest]: string[]): boolean {
    const { devices, addresses } = this.services;
    return rest.length === 0 && board !== undefined && devices().includes(addresses.toBoardOfPeople(board));
  }

  private async cancel([, number]: string[], { from: speaker, channel }: HeardLine): Promise<string[]> {
    if (number === undefined)
      return [`cancel: which one is missing; allowed: cancel NUMBER; as in ${MARK}cancel 17`];
    const refusal = await this.services.desk.cancel({ speaker, channel, key: null, device: "" }, number);
    if (refusal === null) return [];
    return refusal === NOT_PROVED
      ? [NOT_PROVED_TEXT]
      : [`cancel: no request ${number.slice(0, 20)} of yours waits`];
  }

  private async kill([, task, odd]: string[], { from: speaker, channel }: HeardLine): Promise<string[]> {
    if (task === undefined) return ["kill: which one is missing; allowed: kill TASK; !tasks lists them"];
    if (odd !== undefined)
      return [`kill: ${JSON.stringify(odd.slice(0, 40))} is a word too many; !help kill`];
    const text = await this.services.kills.kill({ speaker, channel }, task);
    if (text !== null) return [text];
    // In a channel another gateway may have it.
    return channel === null ? [`kill: no task ${task.slice(0, 40)} is known here; !tasks lists them`] : [];
  }

  private async ask(words: string[], line: HeardLine, style: "words" | "raw"): Promise<string[]> {
    const { desk, registry, addresses, devices, number, unique } = this.services;
    const { from, channel } = line;
    const [command, board] = words;
    const place = command === "send" ? words[1] : board;
    if (isElsewhere(place, addresses))
      return channel === null ? [`${place} is not a board of this gateway`] : [];
    const parsed = parseWords(
      words.map((word) => (word === place ? addresses.toBoardOfPeople(word) : word)),
      registry,
    );
    if ("wrong" in parsed) {
      const text = correct(parsed, command, style);
      // Another program's words, an answer of its own to ours maybe: it and we would never end.
      const isStrange = parsed.isNoCommand === true && !text.includes("did you mean");
      return isStrange && !line.text.startsWith(MARK) ? [] : [text];
    }
    const { device, message } = parsed;
    if (!devices().includes(device)) return [await this.noBoard(device, message.ot, line)];
    const rq = number();
    const refusal = await desk.ask({
      ...{ speaker: from, channel, key: null, device, message, style, re: rq },
      ...{ src: addresses.ofBoard(device), dst: "", sameAs: ["words", unique()] },
    });
    return refusal === null ? [] : [`${refusal.reason} [${refusal.refused}]`];
  }

  /** Which boards there are is told to who may read. */
  private async noBoard(device: string, ot: string, { from: speaker, channel }: HeardLine): Promise<string> {
    const { desk, readers, devices } = this.services;
    const isHidden = readers === "operators" && (await desk.identify(speaker, null)) === null;
    const code = isHidden ? NOT_PROVED.refused : "DEVICE_UNKNOWN";
    desk.refused({ speaker, channel, device: device.slice(0, 64) }, ot, code);
    return isHidden ? NOT_PROVED_TEXT : unknownBoard(device, devices());
  }
}

/** What is wrong, how it is typed, and a line that is right; where there is no such command, which one may be meant. */
function correct(parsed: Wrong, command: string, style: "words" | "raw"): string {
  const { wrong, allowed, example, isNoCommand } = parsed;
  const mark = style === "raw" ? `${MARK}raw ` : MARK;
  if (isNoCommand !== true) return `${wrong}; typed ${mark}${allowed}, as in ${mark}${example}`;
  if (style === "raw") return `${wrong}${wrong.endsWith("?") ? "" : ";"} ${usageOfTelling("raw")}`;
  const nearest = wrong.endsWith("?")
    ? undefined
    : suggest(command, [...Object.keys(tellings), "cancel", "kill"]);
  const question = nearest === undefined ? "" : `; did you mean ${MARK}${nearest}?`;
  const text = `${wrong}${question}`;
  return `${text}${text.endsWith("?") ? "" : ";"} ${MARK}help lists them`;
}

/** Named by an address of another gateway, which is in the same channel for all we know. */
function isElsewhere(word: string | undefined, addresses: Addresses): boolean {
  if (word === undefined || !word.includes("@")) return false;
  return addresses.toBoard(word)?.includes("/") === true;
}

function unknownBoard(device: string, known: readonly string[]): string {
  const nearest = suggest(device, known);
  const question = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  const seen = known.length === 0 ? "no board has said hello yet" : `known: ${known.slice(0, 10).join(", ")}`;
  return `no board ${device.slice(0, 64)}${question === "" ? ";" : question} ${seen}`;
}
