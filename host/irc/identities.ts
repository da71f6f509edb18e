/**
 * Who somebody is: what the network vouches for, the account of services and the certificate, and never a nick or a host.
 *
 * A WHOIS answers about whoever has the nick when it is answered. It counts for a line only if that is still the one who said it:
 * we share a channel since then without a break, so that NICK, QUIT and PART would have been told to us.
 */
import type { IrcMessage } from "irc-framework/src/client.js";
import type { Speaker } from "../irc-iot/line.ts";
import { isNick } from "./names.ts";
import type { People, Presence } from "./people.ts";
import type { Proof } from "./settings.ts";

/** A WHOIS without an answer is over after so long, ms. */
const ANSWER_MS = 15_000;
/** What a WHOIS said is believed so long, ms, of the same presence. */
const KEEP_MS = 30_000;
/** Questions that are out at once: strangers cannot make us ask more. */
const MAX_QUESTIONS = 16;

interface Question {
  nick: string;
  /** Numerics of WHOIS so far. */
  account: string | null;
  certfp: string | null;
  until: number;
  waiting: ((answer: Proof | null) => void)[];
}

export interface IdentitiesOptions {
  network: string;
  people: People;
  fold(name: string): string;
  /** Whether every line says the account of who says it; else whether each change of an account is told. */
  hasAccountTag(): boolean;
  hasAccountNotify(): boolean;
  ask(line: string): void;
}

export class Identities {
  /** Whose line it was, for the speakers that were handed out. */
  private readonly presences = new WeakMap<Speaker, Presence>();
  private readonly questions = new Map<string, Question>();
  private answers = new WeakMap<Presence, { proof: Proof; until: number }>();

  constructor(private readonly options: IdentitiesOptions) {}

  speaker(message: IrcMessage): Speaker {
    const { network, people } = this.options;
    const { nick, ident: user, hostname: host } = message;
    const presence = people.find(nick);
    const account = this.accountOf(message, presence);
    const speaker = { network, nick, user, host, account };
    if (presence !== undefined) this.presences.set(speaker, presence);
    return speaker;
  }

  /**
   * `speaker`: the very object that came with a line. null: nobody can say any more, or ever could: the nick has moved, its
   * owner has left or shares no channel with us, the server does not answer, or there is too much to ask.
   * `needsCertificate` false: where every line says the account nothing is asked, so no stranger can make us too busy for it.
   */
  async prove(speaker: Speaker, now: number, needsCertificate = true): Promise<Proof | null> {
    const presence = this.presences.get(speaker);
    if (presence === undefined) return this.byTag(speaker);
    if (!this.isStill(presence)) return null;
    if (!needsCertificate && this.options.hasAccountTag()) return { account: speaker.account, certfp: null };
    const answer = this.remembered(presence, now) ?? (await this.whois(presence.nick, now));
    if (answer === null || !this.isStill(presence)) return null;
    return this.options.hasAccountTag() ? { ...answer, account: speaker.account } : answer;
  }

  /** Numerics of WHOIS. */
  numeric({ command, params }: IrcMessage, now: number): void {
    const question = this.questions.get(this.options.fold(params[1] ?? ""));
    if (question === undefined) return;
    if (command === "330") question.account = params[2] ?? null;
    if (command === "276") question.certfp ??= fingerprint(params.at(-1) ?? "");
    if (command !== "318") return;
    const proof: Proof = { account: question.account, certfp: question.certfp };
    const presence = this.options.people.find(question.nick);
    if (presence !== undefined) this.answers.set(presence, { proof, until: now + KEEP_MS });
    this.end(question, proof);
  }

  /** The account of somebody has changed. */
  changed(presence: Presence): void {
    this.answers.delete(presence);
  }

  get deadline(): number {
    return Math.min(...[...this.questions.values()].map(({ until }) => until));
  }

  tick(now: number): void {
    for (const question of this.questions.values()) if (question.until <= now) this.end(question, null);
  }

  offline(): void {
    for (const question of [...this.questions.values()]) this.end(question, null);
    this.answers = new WeakMap();
  }

  private accountOf({ tags }: IrcMessage, presence: Presence | undefined): string | null {
    if (this.options.hasAccountTag()) return tags.account ?? null;
    return this.options.hasAccountNotify() ? (presence?.account ?? null) : null;
  }

  /** Said to us alone by somebody we share no channel with: the line itself must say the account. */
  private byTag({ account }: Speaker): Proof | null {
    return this.options.hasAccountTag() && account !== null ? { account, certfp: null } : null;
  }

  private isStill(presence: Presence): boolean {
    return this.options.people.find(presence.nick) === presence;
  }

  private remembered(presence: Presence, now: number): Proof | undefined {
    const answer = this.answers.get(presence);
    return answer !== undefined && now < answer.until ? answer.proof : undefined;
  }

  private whois(nick: string, now: number): Promise<Proof | null> {
    const key = this.options.fold(nick);
    if (!isNick(nick)) return Promise.resolve(null);
    const before = this.questions.get(key);
    if (before !== undefined) return new Promise((resolve) => before.waiting.push(resolve));
    if (this.questions.size >= MAX_QUESTIONS) return Promise.resolve(null);
    return new Promise((resolve) => {
      const until = now + ANSWER_MS;
      this.questions.set(key, { nick, account: null, certfp: null, until, waiting: [resolve] });
      this.options.ask(`WHOIS ${nick}`);
    });
  }

  private end(question: Question, answer: Proof | null): void {
    this.questions.delete(this.options.fold(question.nick));
    for (const resolve of question.waiting) resolve(answer);
  }
}

/** "has client certificate fingerprint 12ab…": hex, with colons in some. */
function fingerprint(text: string): string | null {
  const hex = /([0-9a-f]{2}(?::?[0-9a-f]{2}){15,})$/i.exec(text)?.[1];
  return hex === undefined ? null : hex.replaceAll(":", "").toLowerCase();
}
