/** What is said to who asks: outcomes, which are kept until the server has them, and words that are worth nothing later. */

import { TokenBucket } from "../irc/token-bucket.ts";
import type { Datum } from "../irc-iot/datum.ts";
import { formatDatumTime } from "../irc-iot/datum-time.ts";
import { IrcIotError } from "../irc-iot/fault-code.ts";
import { type HeardLine, LineLane, type Speaker } from "../irc-iot/line.ts";
import type { Registry } from "../irc-iot/registry.ts";
import { cut, sayMessage } from "../irc-iot/say.ts";
import type { Outcome } from "../peers/request-book.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { RecordChange, Store } from "../store/store.ts";
import type { Addresses } from "./addresses.ts";
import type { Answer } from "./answers.ts";
import type { AskDocument, Refusal } from "./asks.ts";
import type { Audit } from "./audit.ts";
import type { BridgeNetwork } from "./bridge-network.ts";
import { outcomeFields, outcomeText } from "./outcome-words.ts";
import { ReplyLimit } from "./reply-limit.ts";

export interface ReplyServices {
  registry: Registry;
  addresses: Addresses;
  audit: Audit;
  clock: Clock;
  log: Log;
  store: Pick<Store, "keep">;
  networkOf(name: string): BridgeNetwork | undefined;
  /** Asked once of who had many answers. */
  isOperator(speaker: Speaker): Promise<boolean>;
}

/** Characters of each of the asker's own words in a refusal: as long as an address may be (IRC-IoT §12). */
const MOST_ECHO = 128;
/** Lines that a channel is told at once, and somebody in private. */
const CHANNEL_LINES = 3;
const PRIVATE_LINES = 12;
const TOO_MANY = "that was many questions: one in 10 s is answered now";
/** Bytes of one line of words, where its target has room for so much (IRC-IoT §13). */
const LINE_BYTES = 350;
/** Bytes of it that say what was asked: what became of it has the rest. */
const HEAD_BYTES = 128;
/** Lines that all who are told something have together, at once and then a second: half of what we may say stays for boards. */
const ALL_AT_ONCE = 30;
const ALL_PER_S = 0.25;

export class Replies {
  private readonly limit = new ReplyLimit();
  /** However many they are, and from wherever they come. */
  private readonly all: TokenBucket;
  private untold = 0;

  constructor(private readonly services: ReplyServices) {
    this.all = new TokenBucket(ALL_AT_ONCE, ALL_PER_S, services.clock.now());
  }

  /** Answers that nobody got, since who asked, or all together, had many of late. */
  get silenced(): number {
    return this.limit.refused + this.untold;
  }

  /** What became of a request, kept in one commit with `changes`. */
  answer(ask: AskDocument, end: Outcome | Refusal, changes: RecordChange[], onKept: () => void): void {
    const { networkOf, audit } = this.services;
    const { network: name, nick, channel, who, device, message } = ask;
    const what = "refused" in end ? `refused: ${end.refused}` : end.outcome;
    const tellAudit = audit.ended({ network: name, nick, channel, who, device, ot: message.ot }, what);
    const network = networkOf(name);
    const answer = this.answerOf(ask, end);
    // Of a network that is not configured any more nobody can be told.
    if (network === undefined) return this.services.store.keep(changes, onKept);
    network.kept.answers.keep(answer, changes, () => {
      onKept();
      network.wake();
      tellAudit();
    });
  }

  /** A Datum that is not accepted, in private: never in a channel, and never more than a few to one asker. */
  refuse(speaker: Speaker, datum: Datum, re: string | number, end: Refusal): void {
    // Nobody makes us say more than a line with what we have to give back.
    const isShort = [datum.ot, datum.dst, `${re}`].every((text) => text.length <= MOST_ECHO);
    if (!isShort || !this.mayTell(speaker)) return;
    this.sayDatums(speaker, [this.datumOf({ ot: datum.ot, src: datum.dst, dst: datum.src, re }, end)]);
  }

  /** What was looked up in our registry, in private, when nothing else is to be said. */
  answerLookup(speaker: Speaker, datums: readonly Datum[]): void {
    if (this.mayTell(speaker)) this.sayDatums(speaker, datums, LineLane.AGAIN);
  }

  /** Where it was asked: a channel gets three lines at most. Who had many answers of late is told so, once. */
  async tell(line: HeardLine, texts: readonly string[]): Promise<void> {
    const { from, channel } = line;
    const network = this.services.networkOf(from.network);
    const most = channel === null ? PRIVATE_LINES : CHANNEL_LINES;
    const shown =
      texts.length <= most ? texts : [...texts.slice(0, most - 1), more(texts.length - most + 1, channel)];
    if (network === undefined) return;
    if (!this.mayTell(from, shown.length)) return this.tellTooMany(line, texts, network);
    for (const text of shown) network.sayOnce(channel ?? from.nick, cut(text, LINE_BYTES));
  }

  /** Once to each, but where all together had what there is to nobody: there are as many as there are hosts. */
  private async tellTooMany(
    line: HeardLine,
    texts: readonly string[],
    network: BridgeNetwork,
  ): Promise<void> {
    const { from } = line;
    if (this.isSpent || !this.limit.isNews(askerOf(from))) return;
    if ((await this.services.isOperator(from)) && this.limit.raise(askerOf(from)))
      return this.tell(line, texts);
    // Others were told something while that was found out.
    if (this.isSpent) return;
    this.all.spend(this.services.clock.now());
    network.sayOnce(from.nick, TOO_MANY);
  }

  /** What a stranger has a part in may be nothing that can be said: that is his loss alone. */
  private sayDatums(
    { network: name, nick }: Speaker,
    datums: readonly Datum[],
    lane: LineLane = LineLane.FRESH,
  ): void {
    try {
      this.services.networkOf(name)?.sayDatumsOnce(nick, datums, undefined, lane);
    } catch (error) {
      if (!(error instanceof IrcIotError)) throw error;
      this.services.log.debug({ component: "irc", network: name, nick }, `not answered: ${error.message}`);
    }
  }

  /** All together had what there is. */
  private get isSpent(): boolean {
    const now = this.services.clock.now();
    return this.all.readyAt(now) > now;
  }

  private mayTell(speaker: Speaker, lines = 1): boolean {
    const now = this.services.clock.now();
    if (this.isSpent) {
      this.untold++;
      return false;
    }
    const isTold = this.limit.take(askerOf(speaker), now);
    // An answer is whole: what it is more than there was, the next ones wait for.
    for (let i = 0; isTold && i < lines; i++) this.all.spend(now);
    return isTold;
  }

  private answerOf(ask: AskDocument, end: Outcome | Refusal): Answer {
    const { addresses, clock } = this.services;
    const { nick, channel, style, src, dst, re, message } = ask;
    const at = clock.wall();
    if (style === "words") {
      const target = channel ?? nick;
      return { target, isChannel: channel !== null, texts: [this.wordsOf(ask, end)], datums: [], at };
    }
    const datum = this.datumOf({ ot: message.ot, src: src || addresses.own, dst, re: re ?? "" }, end);
    // Programs are answered in private: others need not hear it, and the asker's nick is known.
    return { target: nick, isChannel: false, texts: [], datums: [datum], at };
  }

  private datumOf(
    head: { ot: string; src: string; dst: string; re: string | number },
    end: Outcome | Refusal,
  ): Datum {
    const { ot, src, dst, re } = head;
    return { ot, src, dst, t: formatDatumTime(this.services.clock.wall()), re, ...outcomeFields(end) };
  }

  private wordsOf({ nick, channel, device, message, re }: AskDocument, end: Outcome | Refusal): string {
    const { registry, addresses } = this.services;
    const about = `${channel === null ? "" : `${nick}: `}${device} ${message.ot.replace(/^l:/, "")}`;
    const head = cut(about, HEAD_BYTES);
    const text = outcomeText(end);
    if (text !== null) return cut(`${head} (${re}): ${text}`, LINE_BYTES);
    const fields = { ...outcomeFields(end), ot: message.ot, re: re ?? 0 };
    const said = sayMessage(fields, {
      registry,
      sender: addresses.ofBoard(device),
      maxBytes: LINE_BYTES - Buffer.byteLength(head) - 2,
    });
    return said === "" ? `${head}: done` : `${head}: ${said}`;
  }
}

const askerOf = ({ network, nick, host }: Speaker) => `${network} ${host === "" ? nick : host}`;

function more(count: number, channel: string | null): string {
  return channel === null ? `… and ${count} more` : `… and ${count} more: ask in private`;
}
