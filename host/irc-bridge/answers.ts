/**
 * Answers on their way to who asked, to each in their order: kept from the commit that ends the request until the last of their
 * lines is one that the server has.
 *
 *   ia/NETWORK/ORDER   {target, texts or datums, at}: what is not said of it yet
 */
import type { Datum } from "../irc-iot/datum.ts";
import type { Unsent } from "../irc-iot/pack.ts";
import { cut } from "../irc-iot/say.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { RecordChange, Store } from "../store/store.ts";
import type { Draft, LineSource } from "./line-stream.ts";
import type { ParticipantPort } from "./ports.ts";

export interface Answer {
  /** A nick or a channel. */
  target: string;
  isChannel: boolean;
  /** Lines for people, or Datums for programs. */
  texts: string[];
  datums: Datum[];
  /** ms since 1970. */
  at: number;
}

interface Waiting {
  key: string;
  answer: Answer;
  packed: Unsent[] | null;
}

export interface AnswerServices {
  participant: ParticipantPort;
  store: Store;
  clock: Clock;
  log: Log;
  nextOrder(): string;
}

export const ANSWERS = "ia/";
/** ms: nobody waits longer for an answer, and nobody would know what it answers. */
export const ANSWER_MS = 600_000;

export class Answers {
  readonly counts = { given: 0, tooOld: 0 };
  private readonly waiting: Waiting[] = [];

  constructor(
    private readonly network: string,
    private readonly services: AnswerServices,
  ) {}

  /** What an earlier gateway kept, in order. */
  restore(answers: readonly [key: string, answer: Answer][]): void {
    for (const [key, answer] of answers) this.waiting.push({ key, answer, packed: null });
  }

  get depth(): number {
    return this.waiting.length;
  }

  /** Keeps it in one commit with `changes`, which end what it answers. */
  keep(answer: Answer, changes: RecordChange[], onKept: () => void): void {
    const key = `${ANSWERS}${this.network}/${this.services.nextOrder()}`;
    this.services.store.keep([{ key, value: answer }, ...changes], () => {
      this.waiting.push({ key, answer, packed: null });
      onKept();
    });
  }

  /** Whoever asked has another nick now. */
  rename(from: string, to: string, fold: (name: string) => string): void {
    for (const { answer } of this.waiting)
      if (!answer.isChannel && fold(answer.target) === fold(from)) answer.target = to;
  }

  /** Whom something waits for. */
  get targets(): Set<string> {
    this.dropOld();
    return new Set(this.waiting.map(({ answer }) => answer.target));
  }

  /** What waits for one of them: nobody waits for what another does not hear. */
  sourceOf(target: string): LineSource {
    const first = () => this.waiting.find(({ answer }) => answer.target === target);
    return {
      get target() {
        return first() === undefined ? null : target;
      },
      next: async (maxBytes) => {
        this.dropOld();
        const one = first();
        if (one === undefined) return null;
        return one.answer.texts.length > 0 ? this.nextText(one, maxBytes) : this.nextDatum(one, maxBytes);
      },
    };
  }

  private remove(one: Waiting): void {
    const at = this.waiting.indexOf(one);
    if (at >= 0) this.waiting.splice(at, 1);
  }

  private nextText(first: Waiting, maxBytes: number): Draft {
    const { key, answer } = first;
    const [whole, ...texts] = answer.texts;
    const text = cut(whole, maxBytes);
    const isLast = texts.length === 0 && answer.datums.length === 0;
    return {
      ...{ target: answer.target, text },
      changes: [{ key, value: isLast ? null : { ...answer, texts } }],
      onCommitted: () => {
        answer.texts = texts;
        if (isLast) this.remove(first);
      },
      onFailed: () => this.services.store.keep([{ key, value: answer }], () => {}),
    };
  }

  private nextDatum(first: Waiting, maxBytes: number): Draft | null {
    const { participant, store, clock } = this.services;
    const { key, answer } = first;
    const { target } = answer;
    const isTooLong = first.packed?.some((unsent) => unsent.maxBytes > maxBytes);
    if (first.packed === null || isTooLong) first.packed = this.pack(answer, maxBytes);
    const [unsent, ...rest] = first.packed;
    if (unsent === undefined) {
      this.remove(first);
      store.keep([{ key, value: null }], () => {});
      return null;
    }
    const isLast = rest.length === 0;
    return {
      ...{ target, text: participant.stamp(unsent, target, clock.now()) },
      changes: isLast ? [{ key, value: null }] : [],
      onCommitted: () => {
        first.packed = rest;
        if (isLast) this.remove(first);
      },
      onFailed: () => {
        first.packed = null;
        store.keep([{ key, value: answer }], () => {});
      },
    };
  }

  private pack({ datums, target }: Answer, maxBytes: number): Unsent[] {
    try {
      return this.services.participant.pack(datums, { name: target }, maxBytes);
    } catch (error) {
      if ((error as Error).name !== "IrcIotError") throw error;
      this.services.log.warn(
        { to: target, reason: (error as Error).message },
        "an answer cannot be told on IRC",
      );
      return [];
    }
  }

  private dropOld(): void {
    const oldest = this.services.clock.wall() - ANSWER_MS;
    while (this.waiting.length > 0 && this.waiting[0].answer.at < oldest) {
      const { key } = this.waiting.shift()!;
      this.counts.tooOld++;
      this.services.store.keep([{ key, value: null }], () => {});
    }
  }
}
