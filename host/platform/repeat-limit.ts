/**
 * A log in which what repeats for ever is counted instead of written: a board that reconnects each second, a port that
 * opens and closes, a stranger who is refused again and again.
 *
 * Each kind of line of each subject (a board, a port, an address) has a few lines to spend and earns a new one every
 * REFILL_MS. What it cannot pay for is held, and the last of it is written with how many there were: when a line is
 * earned, or once the subject has been quiet, so that the log ends with how things are. Each such pause has to be twice
 * as long as the one before, for else what repeats slowly would pay nothing.
 */
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";

/** Lines of one kind at once: somebody who plugs a board in and out sees each. */
const BURST_LINES = 10;
/** What a board says to people comes in several lines. */
const bursts: Readonly<Record<string, number>> = { "the board says": 20 };
/** 3 lines an hour: a flapping board has five kinds at most, and the log 20 lines an hour. */
const REFILL_MS = 1_200_000;
const FIRST_QUIET_MS = 5000;
/** Subjects that are known at once; more of them share one, since strangers can make as many as they like. */
const MAX_SUBJECTS = 1000;
const OTHERS = "others";
/** Looking for those that are rested costs a look at all. */
const FORGET_MS = 60_000;

type Level = keyof Log;
type Fields = Record<string, unknown>;

/** One kind of line of one subject. */
interface Kind {
  readonly burst: number;
  lines: number;
  held: { level: Level; fields: object; text: string; times: number; since: number; at: number } | null;
}

interface Subject {
  kinds: Map<string, Kind>;
  /** Up to when it has earned lines: one of each kind at a time. */
  earnedAt: number;
  lastAt: number;
  quietMs: number;
  timer: NodeJS.Timeout | undefined;
}

export class RepeatLimit implements Log {
  private readonly subjects = new Map<string, Subject>();
  private forgotAt = -Infinity;

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
    /** Whom a line is about. */
    private readonly subjectOf: (fields: object) => string = (fields) => nameOf(fields as Fields),
    /** What is written of lines that are one; the last of them, unless there is something to add up. */
    private readonly together: (held: object, fields: object) => object = (_held, fields) => fields,
  ) {}

  debug(fields: object, text: string): void {
    this.log.debug(fields, text);
  }

  info(fields: object, text: string): void {
    this.take("info", fields, text);
  }

  warn(fields: object, text: string): void {
    this.take("warn", fields, text);
  }

  error(fields: object, text: string): void {
    this.take("error", fields, text);
  }

  /** Writes what is held. */
  stop(): void {
    for (const subject of this.subjects.values()) this.release(subject);
    this.subjects.clear();
  }

  private take(level: Level, fields: object, text: string): void {
    const now = this.clock.now();
    const subject = this.subjectNamed(this.subjectOf(fields), now);
    const kind = kindOf(subject, level, fields as Fields, text);
    subject.lastAt = now;
    if (kind.held === null && kind.lines >= 1) {
      kind.lines--;
      this.log[level](fields, text);
      return;
    }
    const { held } = kind;
    const { times = 0, since = now } = held ?? {};
    const whole = held === null ? fields : this.together(held.fields, fields);
    kind.held = { level, fields: whole, text, times: times + 1, since, at: now };
    this.arm(subject, now);
  }

  private subjectNamed(name: string, now: number): Subject {
    const known = this.subjects.get(name);
    if (known !== undefined) {
      earn(known, now);
      return known;
    }
    if (this.subjects.size >= MAX_SUBJECTS) this.forgetIdle(now);
    if (this.subjects.size >= MAX_SUBJECTS && name !== OTHERS) return this.subjectNamed(OTHERS, now);
    const fresh = { earnedAt: now, lastAt: now, quietMs: FIRST_QUIET_MS, timer: undefined };
    const subject: Subject = { kinds: new Map(), ...fresh };
    this.subjects.set(name, subject);
    return subject;
  }

  private forgetIdle(now: number): void {
    if (now - this.forgotAt < FORGET_MS) return;
    this.forgotAt = now;
    for (const [name, subject] of this.subjects) {
      earn(subject, now);
      if (isRested(subject)) this.subjects.delete(name);
    }
  }

  /** Looks again when lines are earned, or when the subject may have been quiet for long enough. */
  private arm(subject: Subject, now: number): void {
    const at = Math.min(subject.lastAt + subject.quietMs, subject.earnedAt + REFILL_MS);
    subject.timer ??= setTimeout(() => this.look(subject), Math.max(0, at - now)).unref();
  }

  private look(subject: Subject): void {
    subject.timer = undefined;
    const now = this.clock.now();
    const isQuiet = now - subject.lastAt >= subject.quietMs;
    if (isQuiet) subject.quietMs = Math.min(2 * subject.quietMs, REFILL_MS);
    if (earn(subject, now) > 0 || isQuiet) this.release(subject);
    else this.arm(subject, now);
  }

  /** In the order in which they were last said, so that the last line is how things are. */
  private release(subject: Subject): void {
    clearTimeout(subject.timer);
    subject.timer = undefined;
    const now = this.clock.now();
    const kinds = [...subject.kinds.values()].sort((a, b) => (a.held?.at ?? 0) - (b.held?.at ?? 0));
    for (const kind of kinds) {
      if (kind.held === null) continue;
      const { level, fields, text, times, since } = kind.held;
      kind.held = null;
      kind.lines = Math.max(0, kind.lines - 1);
      this.log[level]({ ...fields, times, seconds: Math.ceil((now - since) / 1000) }, text);
    }
  }
}

function kindOf({ kinds }: Subject, level: Level, { code }: Fields, text: string): Kind {
  // Counts in a text make no new kind of line.
  const name = `${level} ${typeof code === "string" ? code : ""} ${text.replace(/\d+/g, "#")}`;
  let kind = kinds.get(name);
  if (kind === undefined) {
    const burst = bursts[text] ?? BURST_LINES;
    kind = { burst, lines: burst, held: null };
    kinds.set(name, kind);
  }
  return kind;
}

/** A line of each kind for every REFILL_MS since it last earned one; how many times that was. */
function earn(subject: Subject, now: number): number {
  const times = Math.floor((now - subject.earnedAt) / REFILL_MS);
  if (times === 0) return 0;
  subject.earnedAt += times * REFILL_MS;
  for (const kind of subject.kinds.values()) kind.lines = Math.min(kind.burst, kind.lines + times);
  if (isRested(subject)) subject.quietMs = FIRST_QUIET_MS;
  return times;
}

/** It has earned back all that it had spent. */
function isRested({ kinds }: Subject): boolean {
  return [...kinds.values()].every(({ burst, lines, held }) => held === null && lines === burst);
}

/** Whom a line is about: a board, a port, a gateway, or the address of a connection without its port, which changes each time. */
function nameOf({ device, path, peer, via }: Fields): string {
  if (typeof device === "string") return `board ${device}`;
  if (typeof peer === "string") return `gateway ${peer}`;
  if (typeof path === "string") return path;
  return typeof via === "string" ? via.replace(/^serial /, "").replace(/^(tcp .*):\d+$/, "$1") : "";
}
