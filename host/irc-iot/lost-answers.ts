/**
 * Says again what somebody missed (IRC-IoT S-4…S-7), byte for byte, since signatures and checksums are of the text, and to
 * the asker alone.
 *
 * Nobody can be flooded through us: one id is answered once in 30 s, an asker gets a line in 6 s, whoever asks all the
 * time gets nothing, and the bytes of all answers come out of one bucket.
 */
import { Buffer } from "node:buffer";
import { AnswerTurns } from "./answer-turns.ts";
import type { CachedContainer, ContainerCache } from "./container-cache.ts";
import { LineLane } from "./line.ts";
import { isOfEverybody, kindOf, type LostAsker, LostSearch } from "./lost-search.ts";
import type { LostRequest } from "./message.ts";
import type { Mouth } from "./saying.ts";
import { ServiceLimit, type ServiceLimitSettings } from "./service-limit.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Ten lines a minute to one asker, and never two within 5 s. */
const LINE_MS = 6_000;
/** Everybody waits so long at most, so that not all answer at once. */
const EVERYBODY_MS = 2_000;
/** Lines that wait for one asker: six minutes' worth. */
const MAX_LINES = 64;
const MAX_ASKERS = 64;
/** Lines that were handed over and are not said yet. */
const MAX_BEGUN = 4;
/** An asker who got nothing for so long has asked somebody else or given up. */
const STALE_MS = 600_000;
/** All answers together: a Datum of the greatest length at once, twice what was asked with, and that Datum again in some hours. */
const ALL_BYTES = { burst: 65_536, perAsked: 2, perMs: 4 / 1000 };
/** Whoever asks more often than anybody who misses something floods: he gets nothing for five minutes. */
const floodLimit: ServiceLimitSettings = {
  answers: 20,
  windowMs: 60_000,
  silenceMs: 300_000,
  total: Infinity,
  overloadMs: 0,
};

interface Answer {
  /** `did 567`. */
  id: string;
  /** Folded; null: it was asked privately. */
  channel: string | null;
  isOfEverybody: boolean;
  entries: CachedContainer[];
  /** Handed over, and not said yet. */
  begun: CachedContainer | null;
  notBefore: number;
}

interface Asker {
  nick: string;
  answers: Answer[];
  nextAt: number;
  isBegun: boolean;
  since: number;
}

export interface LostAnswerCounts {
  lostAnswered: number;
  lostRefused: number;
}

export class LostAnswers {
  /** By folded nick. */
  private readonly askers = new Map<string, Asker>();
  private readonly search: LostSearch;
  private readonly turns = new AnswerTurns();
  private readonly bytes = new TokenBucket(ALL_BYTES.burst, ALL_BYTES.perMs);
  private readonly floods = new ServiceLimit(floodLimit);
  private begun = 0;

  constructor(
    private readonly sent: ContainerCache,
    private readonly heard: ContainerCache,
    private readonly mouth: Mouth,
    private readonly counts: LostAnswerCounts,
  ) {
    this.search = new LostSearch(sent, heard, mouth);
  }

  /** `bytes`: of the request. */
  ask(request: LostRequest, asker: LostAsker, ownNick: string, bytes: number, now: number): void {
    this.bytes.give(bytes * ALL_BYTES.perAsked);
    const { fold } = this.mouth;
    const isForOther = request.dst !== undefined && request.dst !== "" && fold(request.dst) !== fold(ownNick);
    if (!isOfEverybody(request) && isForOther) return;
    if (this.floods.ask(asker.party, now) !== "answer") {
      this.counts.lostRefused++;
      this.forget(fold(asker.nick));
      return;
    }
    const found = this.search.find(request, asker, now);
    if (found === null) this.counts.lostRefused++;
    else if (found.length > 0) this.promise(request, found, asker, now);
  }

  /** The same was said again in this channel: nobody needs it of us any more. */
  seen(text: string, channel: string): void {
    for (const { answers } of this.askers.values()) {
      for (const answer of answers) {
        if (answer.channel !== channel || !answer.isOfEverybody) continue;
        answer.entries = answer.entries.filter((entry) => entry.text !== text);
        if (answer.begun?.text === text) answer.begun = null;
      }
    }
  }

  tick(now: number): void {
    for (const [folded, asker] of this.askers) {
      if (now - asker.since >= STALE_MS) cancel(asker, () => true);
      asker.answers = asker.answers.filter(({ entries, begun }) => entries.length > 0 || begun !== null);
      if (asker.answers.length > 0) this.sayNext(asker, now);
      else if (!asker.isBegun && now >= asker.nextAt) this.askers.delete(folded);
    }
  }

  get deadline(): number {
    let nearest = Infinity;
    if (this.begun >= MAX_BEGUN) return nearest;
    for (const { answers, nextAt, isBegun } of this.askers.values()) {
      if (isBegun) continue;
      for (const { notBefore } of answers) nearest = Math.min(nearest, Math.max(nextAt, notBefore));
      if (answers.length === 0) nearest = Math.min(nearest, nextAt);
    }
    return nearest;
  }

  /** Nothing is for this nick any more. */
  forget(folded: string): void {
    const asker = this.askers.get(folded);
    if (asker !== undefined) cancel(asker, () => true);
  }

  private promise(
    request: LostRequest,
    entries: CachedContainer[],
    { nick, channel }: LostAsker,
    now: number,
  ): void {
    const { fold, random } = this.mouth;
    const id = `${kindOf(request)} ${request.rid}`;
    const folded = fold(nick);
    const known = this.askers.get(folded);
    const hasRoom = known !== undefined || this.askers.size < MAX_ASKERS;
    const turn = hasRoom ? this.turns.next(id, folded, now) : null;
    if (turn === null) {
      this.counts.lostRefused++;
      return;
    }
    const asker = known ?? { nick, answers: [], nextAt: now, isBegun: false, since: now };
    // Who asks again for the same knows better by now what is missing.
    cancel(asker, (answer) => answer.id === id);
    const room = MAX_LINES - asker.answers.reduce((sum, answer) => sum + answer.entries.length, 0);
    const isLate = isOfEverybody(request);
    asker.answers.push({
      id,
      channel: channel === null ? null : fold(channel),
      isOfEverybody: isLate,
      entries: entries.slice(0, room),
      begun: null,
      notBefore: isLate ? turn + random() * EVERYBODY_MS : turn,
    });
    asker.since = now;
    this.askers.set(folded, asker);
    this.tick(now);
  }

  private sayNext(asker: Asker, now: number): void {
    if (asker.isBegun || this.begun >= MAX_BEGUN || now < asker.nextAt) return;
    const answer = asker.answers.find(({ notBefore, entries }) => now >= notBefore && entries.length > 0);
    if (answer === undefined) return;
    const bytes = Buffer.byteLength(answer.entries[0].text);
    const target = this.targetOf(answer.entries[0], asker, bytes);
    asker.nextAt = now + LINE_MS;
    if (target !== null && !this.bytes.take(bytes, now)) return;
    const entry = answer.entries.shift()!;
    if (target === null) this.counts.lostRefused++;
    else this.say(entry, asker, answer, target, bytes);
  }

  private say(entry: CachedContainer, asker: Asker, answer: Answer, target: string, bytes: number): void {
    asker.isBegun = true;
    answer.begun = entry;
    this.begun++;
    const cache = this.sent.has(entry) ? this.sent : this.heard;
    this.mouth.say({
      target,
      lane: LineLane.AGAIN,
      maxBytes: bytes,
      make: (at) => {
        // It was said again, the asker left or knows better, or the cache had no room for it.
        if (answer.begun !== entry || !cache.has(entry)) return null;
        cache.use(entry);
        this.counts.lostAnswered++;
        asker.nextAt = at + LINE_MS;
        asker.since = at;
        return entry.text;
      },
      onOutcome: () => {
        if (answer.begun === entry) answer.begun = null;
        asker.isBegun = false;
        this.begun--;
      },
    });
  }

  /** The asker; where the line would be too long for that nick, the channel where it was said, if it is ours. */
  private targetOf(entry: CachedContainer, { nick }: Asker, bytes: number): string | null {
    const { mouth } = this;
    if (bytes <= mouth.budget(nick)) return nick;
    return entry.isPublic && this.sent.has(entry) && bytes <= mouth.budget(entry.place) ? entry.place : null;
  }
}

function cancel(asker: Asker, isIt: (answer: Answer) => boolean): void {
  for (const answer of asker.answers) if (isIt(answer)) answer.begun = null;
  asker.answers = asker.answers.filter((answer) => !isIt(answer));
}
