/**
 * How often a service of IRC-IoT answers each peer, and all of them together, before it falls silent for a while
 * (IRC-IoT S-11, S-13).
 *
 * Who asks more than `answers` times in `windowMs` hears nothing until its silence is over. That its silence begins is
 * told once ("last"), for whoever has to say so first (IRC-IoT S-13). What all peers together may have is bounded as
 * well, since a stranger has as many nicks as he likes: who comes when that is used up is silent for `overloadMs`. Of these
 * only a few are told so in a window; the silence of the others begins when they ask again and there is room to say it.
 */
export interface ServiceLimitSettings {
  answers: number;
  windowMs: number;
  /** null: until the window of that peer ends. */
  silenceMs: number | null;
  /** Of all peers in a window. */
  total: number;
  /** Silence of those who came when that was used up. */
  overloadMs: number;
}

export type Verdict = "answer" | "last" | "silent";

interface Asker {
  since: number;
  answered: number;
  silentUntil: number;
}

/** Of a window: with those that are answered less than what an IRC client may say in a minute. */
const MOST_TOLD = 5;
/** Those that are known at once; each is some 100 bytes. */
const MAX_ASKERS = 4096;

export class ServiceLimit {
  /** The longest unheard first. */
  private readonly askers = new Map<string, Asker>();
  private since = -Infinity;
  private answered = 0;
  private told = 0;

  constructor(private readonly settings: ServiceLimitSettings) {}

  get size(): number {
    return this.askers.size;
  }

  ask(who: string, now: number): Verdict {
    const { answers, windowMs, silenceMs, total, overloadMs } = this.settings;
    const asker = this.askerOf(who, now);
    if (now < asker.silentUntil) return "silent";
    if (now - asker.since >= windowMs) {
      asker.since = now;
      asker.answered = 0;
    }
    if (now - this.since >= windowMs) {
      this.since = now;
      this.answered = 0;
      this.told = 0;
    }
    if (asker.answered >= answers) {
      asker.silentUntil = silenceMs === null ? asker.since + windowMs : now + silenceMs;
      return "last";
    }
    if (this.answered >= total) {
      if (this.told >= MOST_TOLD) return "silent";
      this.told++;
      asker.silentUntil = now + overloadMs;
      return "last";
    }
    asker.answered++;
    this.answered++;
    return "answer";
  }

  private askerOf(who: string, now: number): Asker {
    const known = this.askers.get(who) ?? { since: now, answered: 0, silentUntil: -Infinity };
    this.askers.delete(who);
    this.askers.set(who, known);
    if (this.askers.size > MAX_ASKERS) {
      for (const [oldest] of this.askers) {
        this.askers.delete(oldest);
        break;
      }
    }
    return known;
  }
}

/** Three version answers a minute, then five minutes of silence (IRC-IoT S-11; the times are ours). */
export const versionLimit: ServiceLimitSettings = {
  answers: 3,
  windowMs: 60_000,
  silenceMs: 300_000,
  total: 15,
  overloadMs: 300_000,
};

/** Three pongs a minute, then an empty one and silence until the minute ends (IRC-IoT S-13; the times are ours). */
export const pongLimit: ServiceLimitSettings = {
  answers: 3,
  windowMs: 60_000,
  silenceMs: null,
  total: 15,
  overloadMs: 300_000,
};
