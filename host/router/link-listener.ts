/** What a listener of links is told, and what holds its watch. */
import type { WireState } from "../session/wire-shape.ts";

/** The name of a link, `serial /dev/ttyACM0`, or the id of a board. */
export type WatchTarget = { link: string } | { device: string };

/** A connection is followed from here on. */
export interface LinkBegin {
  /** Its number, given by this gateway, from 1. */
  connection: number;
  name: string;
  /** ms of the gateway's monotonic clock and of its wall clock, read together. */
  t: number;
  wall: number;
  state: WireState;
}

/** Chunks that were not handed on. */
export interface Missed {
  chunks: number;
  bytes: number;
  /** Some of them gave a board its key; else there was no room for them. */
  isSecret: boolean;
}

export interface LinkListener {
  onLink(begin: LinkBegin): void;
  /** The chunk is lent. `t` in ms of the monotonic clock. */
  onChunk(connection: number, t: number, from: "board" | "gateway", chunk: Uint8Array): void;
  onMissed(connection: number, t: number, missed: Missed): void;
  onOver(connection: number, t: number, reason: string): void;
}

/** One listener's hold on what it hears. */
export interface LinkWatch {
  /** Connections that are followed now. */
  readonly followed: number;
  /** Chunks are counted instead of handed on; what else there is to say is said. */
  pause(): void;
  /** Says what was missed, and begins each connection anew. */
  resume(): void;
  stop(): void;
}
