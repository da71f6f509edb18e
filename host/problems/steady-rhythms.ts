/**
 * Which boards say something in a steady rhythm, so that silence can be told from having nothing to say: a button is silent
 * all night, a thermometer that is has lost its sensor.
 */
import type { SilentBoard } from "./facts.ts";

/** Messages of one type as far apart as these are a rhythm: no one of them half as long or half again as long as the mean. */
const INTERVALS = 5;
const SPREAD = 0.5;
/** Missed in a row, before it is silence; what comes every second may pause for a minute. */
const MISSED = 3;
const LEAST_MS = 60_000;
/** Kinds of message that are followed: of all boards together, and of one. */
const MOST_ALL = 5000;
const MOST_OF_ONE = 8;

interface Rhythm {
  lastAt: number;
  /** The newest last. */
  intervals: number[];
}

export class SteadyRhythms {
  private readonly boards = new Map<string, Map<string, Rhythm>>();
  private size = 0;

  /** Arrived at `at`, ms since 1970. */
  note(device: string, type: string, at: number): void {
    const rhythm = this.rhythmOf(device, type, at);
    if (rhythm === undefined || rhythm.lastAt === at) return;
    rhythm.intervals.push(at - rhythm.lastAt);
    if (rhythm.intervals.length > INTERVALS) rhythm.intervals.shift();
    rhythm.lastAt = at;
  }

  /** It went away, or began anew: what comes then says nothing of before. */
  forget(device: string): void {
    this.size -= this.boards.get(device)?.size ?? 0;
    this.boards.delete(device);
  }

  /** Of each board that is silent now the type that has been missed for longest. */
  silent(now: number): SilentBoard[] {
    const found: SilentBoard[] = [];
    for (const [device, rhythms] of this.boards) {
      let longest: SilentBoard | undefined;
      for (const [type, { lastAt, intervals }] of rhythms) {
        const everyMs = steady(intervals);
        if (everyMs === null || now - lastAt < Math.max(LEAST_MS, MISSED * everyMs)) continue;
        if (longest === undefined || lastAt < longest.lastAt) longest = { device, type, everyMs, lastAt };
      }
      if (longest !== undefined) found.push(longest);
    }
    return found;
  }

  private rhythmOf(device: string, type: string, at: number): Rhythm | undefined {
    let rhythms = this.boards.get(device);
    const known = rhythms?.get(type);
    if (known !== undefined) return known;
    if (this.size >= MOST_ALL || (rhythms?.size ?? 0) >= MOST_OF_ONE) return undefined;
    const fresh = { lastAt: at, intervals: [] };
    rhythms ??= new Map();
    this.boards.set(device, rhythms.set(type, fresh));
    this.size++;
    return fresh;
  }
}

/** Their mean; null: they are none. */
function steady(intervals: readonly number[]): number | null {
  if (intervals.length < INTERVALS) return null;
  const mean = intervals.reduce((sum, one) => sum + one, 0) / intervals.length;
  return intervals.every((one) => Math.abs(one - mean) <= SPREAD * mean) ? mean : null;
}
