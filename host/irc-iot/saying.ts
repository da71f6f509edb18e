/** A line of our own that a part of a Participant wants said, and what such a part needs of the whole. */
import type { LineLane, LineOutcome } from "./line.ts";

export interface Saying {
  target: string;
  lane: LineLane;
  /** The most its text has. */
  maxBytes: number;
  /** Asked when its turn has come, perhaps much later. null: it makes no sense any more. */
  make(now: number): string | null;
  onOutcome?(outcome: LineOutcome): void;
}

export interface Mouth {
  /** What is too long for its target is not said, and its outcome is "withdrawn". */
  say(saying: Saying): void;
  /** A Container of a mid and `tail`, `,"ver":"?"}` for example. */
  stamp(tail: string, target: string): string;
  /** The most bytes it has. */
  bytesOf(tail: string): number;
  fold(name: string): string;
  /** Bytes a line to this channel or nick can have. */
  budget(target: string): number;
  isMember(channel: string, nick: string): boolean;
  /** 0 ≤ n < 1. */
  random(): number;
}
