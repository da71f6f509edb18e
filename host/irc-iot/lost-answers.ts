/**
 * Says again what somebody missed (IRC-IoT S-4…S-7): from what we said ourselves when its owner is asked (lst 10, 20,
 * 30), from all that was said in a channel when everybody is (11, 21, 31).
 *
 * Byte for byte, since signatures and checksums are of the text, and to the asker alone. What was said privately is for
 * nobody but whom it was said to; what was said in a channel only for who is in it. An id that two owners use is
 * answered by none. So that nobody can be flooded through us, one id is answered once in 30 s, an asker gets a line in
 * 6 s, and the bytes of all answers come out of one bucket.
 */
import { Buffer } from "node:buffer";
import type { CachedContainer, ContainerCache, IdKind } from "./container-cache.ts";
import { LineLane } from "./line.ts";
import type { LostRequest } from "./message.ts";
import type { Mouth } from "./saying.ts";
import { ServiceLimit, type ServiceLimitSettings } from "./service-limit.ts";
import { TokenBucket } from "./token-bucket.ts";

/** An id is answered once in so long, whoever asks; others who missed the same wait for their turn, but not longer than that. */
const ID_MS = 30_000;
const LATEST_TURN_MS = 90_000;
/** Ten lines a minute to one asker, and never two within 5 s. */
const LINE_MS = 6_000;
/** Everybody waits so long at most, so that not all answer at once. */
const EVERYBODY_MS = 2_000;
/** Lines that wait for one asker: three minutes' worth and more. */
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
/** Ids answered that are remembered. */
const MAX_IDS = 1024;

interface Answer {
  /** `did 567`. */
  id: string;
  channel: string | null;
  isOfEverybody: boolean;
  entries: CachedContainer[];
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
  /** The latest turn of each id, the oldest first. */
  private readonly turns = new Map<string, { at: number; asker: string }>();
  private readonly bytes = new TokenBucket(ALL_BYTES.burst, ALL_BYTES.perMs);
  private readonly floods = new ServiceLimit(floodLimit);
  private begun = 0;

  constructor(
    private readonly sent: ContainerCache,
    private readonly heard: ContainerCache,
    private readonly mouth: Mouth,
    private readonly counts: LostAnswerCounts,
  ) {}

  /** `party`: the asker's sender key. `channel` null: it was asked privately. `bytes`: of the request. */
  ask(
    request: LostRequest,
    asker: { nick: string; party: string },
    ownNick: string,
    channel: string | null,
    bytes: number,
    now: number,
  ): void {
    this.bytes.give(bytes * ALL_BYTES.perAsked);
    const { fold } = this.mouth;
    const isOfEverybody = request.kind % 2 === 1;
    const isForOther = request.dst !== undefined && request.dst !== "" && fold(request.dst) !== fold(ownNick);
    if (!isOfEverybody && isForOther) return;
    if (this.floods.ask(asker.party, now) !== "answer") {
      this.counts.lostRefused++;
      this.forget(fold(asker.nick));
      return;
    }
    const found = isOfEverybody
      ? this.findHeard(request, asker.nick, channel, now)
      : this.findOwn(request, asker, channel, now);
    if (found === null) this.counts.lostRefused++;
    else if (found.length > 0) this.promise(request, found, asker.nick, channel, now);
  }

  /** The same was said again in this channel: nobody needs it of us any more. */
  seen(text: string, channel: string): void {
    for (const { answers } of this.askers.values()) {
      for (const answer of answers) {
        if (answer.channel !== channel || !answer.isOfEverybody) continue;
        answer.entries = answer.entries.filter((entry) => entry.text !== text);
      }
    }
  }

  tick(now: number): void {
    for (const [folded, asker] of this.askers) {
      if (now - asker.since >= STALE_MS) asker.answers = [];
      asker.answers = asker.answers.filter(({ entries }) => entries.length > 0);
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
    if (asker !== undefined) asker.answers = [];
  }

  /** Ours, for whom it was for. null: it is not the asker's to have, or another may be meant. */
  private findOwn(
    request: LostRequest,
    { nick, party }: { nick: string; party: string },
    channel: string | null,
    now: number,
  ): CachedContainer[] | null {
    const { fold } = this.mouth;
    const ours = this.sent.find(kindOf(request), request.rid, now);
    if (ours.length === 0) return ours;
    // In a channel the owner is named by `dst`, which is ours; without it an id of two owners names neither.
    if (channel !== null && (request.dst ?? "") === "") {
      const theirs = this.heard.find(kindOf(request), request.rid, now);
      if (theirs.some(({ place }) => place === fold(channel))) return null;
    }
    const allowed = ours.filter((entry) =>
      entry.isPublic
        ? this.mayHear(entry.place, nick, channel)
        : entry.place === fold(nick) && (entry.party === null || entry.party === party),
    );
    return allowed.length === 0 ? null : allowed;
  }

  /** Anybody's, of a channel that the asker hears as well. */
  private findHeard(
    request: LostRequest,
    nick: string,
    channel: string | null,
    now: number,
  ): CachedContainer[] | null {
    const kind = kindOf(request);
    const theirs = this.heard.find(kind, request.rid, now);
    const ours = this.sent.find(kind, request.rid, now).filter(({ isPublic }) => isPublic);
    const all = [...ours, ...theirs];
    if (all.length === 0) return all;
    const allowed = all.filter(({ place }) => this.mayHear(place, nick, channel));
    const owners = new Set(allowed.map((entry) => (ours.includes(entry) ? "" : entry.party)));
    return owners.size === 1 ? allowed : null;
  }

  /** What is asked for in a channel is of that channel; privately it is of any that both are in. */
  private mayHear(place: string, nick: string, channel: string | null): boolean {
    return channel === null ? this.mouth.isMember(place, nick) : place === this.mouth.fold(channel);
  }

  private promise(
    request: LostRequest,
    found: CachedContainer[],
    nick: string,
    channel: string | null,
    now: number,
  ): void {
    const id = `${kindOf(request)} ${request.rid}`;
    const folded = this.mouth.fold(nick);
    const asker = this.askers.get(folded) ?? { nick, answers: [], nextAt: now, isBegun: false, since: now };
    const isNew = !this.askers.has(folded);
    const turn = isNew && this.askers.size >= MAX_ASKERS ? null : this.turnOf(id, folded, now);
    if (turn === null) {
      this.counts.lostRefused++;
      return;
    }
    const entries = inOrder(found.filter((entry) => isWanted(entry, request)));
    // Who asks again for the same knows better by now what is missing.
    asker.answers = asker.answers.filter((answer) => answer.id !== id);
    const room = MAX_LINES - asker.answers.reduce((sum, answer) => sum + answer.entries.length, 0);
    const isOfEverybody = request.kind % 2 === 1;
    const notBefore = isOfEverybody ? turn + this.mouth.random() * EVERYBODY_MS : turn;
    const place = channel === null ? null : this.mouth.fold(channel);
    asker.answers.push({ id, channel: place, isOfEverybody, entries: entries.slice(0, room), notBefore });
    asker.since = now;
    this.askers.set(folded, asker);
    this.tick(now);
  }

  /** When this id can be answered to this asker; null: it just was, or too many want it. */
  private turnOf(id: string, asker: string, now: number): number | null {
    for (const [oldest, { at }] of this.turns) {
      if (now - at < ID_MS) break;
      this.turns.delete(oldest);
    }
    const last = this.turns.get(id);
    const isFree = last === undefined || now - last.at >= ID_MS;
    const at = isFree ? now : last.at + ID_MS;
    if ((!isFree && last.asker === asker) || at - now > LATEST_TURN_MS || this.turns.size >= MAX_IDS)
      return null;
    this.turns.delete(id);
    this.turns.set(id, { at, asker });
    return at;
  }

  private sayNext(asker: Asker, now: number): void {
    if (asker.isBegun || this.begun >= MAX_BEGUN || now < asker.nextAt) return;
    const answer = asker.answers.find(({ notBefore }) => now >= notBefore);
    if (answer === undefined) return;
    const entry = answer.entries[0];
    const bytes = Buffer.byteLength(entry.text);
    const target = this.targetOf(entry, asker, bytes);
    if (target !== null && !this.bytes.take(bytes, now)) {
      asker.nextAt = now + LINE_MS;
      return;
    }
    answer.entries.shift();
    asker.nextAt = now + LINE_MS;
    if (target === null) this.counts.lostRefused++;
    else this.say(entry, asker, answer, target, bytes);
  }

  private say(entry: CachedContainer, asker: Asker, answer: Answer, target: string, bytes: number): void {
    asker.isBegun = true;
    this.begun++;
    const cache = this.sent.has(entry) ? this.sent : this.heard;
    const isStillAsked = () => asker.answers.includes(answer) || answer.entries.length === 0;
    this.mouth.say({
      target,
      lane: LineLane.AGAIN,
      maxBytes: bytes,
      make: (at) => {
        if (!cache.has(entry) || !isStillAsked()) return null;
        cache.use(entry);
        this.counts.lostAnswered++;
        asker.nextAt = at + LINE_MS;
        asker.since = at;
        return entry.text;
      },
      onOutcome: () => {
        asker.isBegun = false;
        this.begun--;
      },
    });
  }

  /** The asker; where the line would be too long for that nick, the channel where it was said, if it is ours. */
  private targetOf(entry: CachedContainer, { nick }: Asker, bytes: number): string | null {
    if (bytes <= this.mouth.budget(nick)) return nick;
    return entry.isPublic && this.sent.has(entry) && bytes <= this.mouth.budget(entry.place)
      ? entry.place
      : null;
  }
}

function kindOf({ kind }: LostRequest): IdKind {
  if (kind < 20) return "mid";
  return kind < 30 ? "oid" : "did";
}

/** Of a Datum in fragments only those that hold what is missing, where the asker says what that is. */
function isWanted({ parts }: CachedContainer, { kind, rid, bp, be }: LostRequest): boolean {
  if (kind < 30 || bp === undefined) return true;
  const end = be ?? Infinity;
  return parts.some((part) => part.did === rid && (part.bp === null || (part.bp < end && part.end! > bp)));
}

function inOrder(entries: CachedContainer[]): CachedContainer[] {
  const firstOf = ({ parts }: CachedContainer) => parts[0]?.bp ?? 0;
  return entries.sort((a, b) => firstOf(a) - firstOf(b));
}
