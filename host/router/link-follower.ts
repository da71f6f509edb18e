/**
 * What one watch knows of one connection.
 *
 * Which board a fresh connection carries shows only after its first bytes. For a watch that follows a board such bytes
 * are held until it shows, so that the handshake is seen too.
 */
import type { Clock } from "../platform/clock.ts";
import type { Connection } from "../session/connection.ts";
import type { LinkBegin, LinkListener, Missed } from "./link-listener.ts";

/** Bytes held of one connection of which it is not known whom it carries; a handshake and a hello are below 2 KiB. */
const MAX_HELD_BYTES = 16_384;

const noneMissed: Missed = { chunks: 0, bytes: 0, isSecret: false };

/** "unknown": it has not said hello. */
export type Verdict = "mine" | "other" | "unknown";

/** A connection, and the number that it has for listeners. */
export interface NumberedConnection {
  readonly number: number;
  readonly connection: Connection;
}

/** The watch that a follower belongs to. */
export interface FollowingWatch {
  readonly listener: LinkListener;
  readonly clock: Clock;
  readonly isPaused: boolean;
  judge(connection: Connection): Verdict;
}

interface HeldChunk {
  t: number;
  from: "board" | "gateway";
  chunk: Uint8Array;
}

export class Follower {
  isFollowing = false;
  /** From where it is held, until it shows whom it carries; null when nothing is. */
  private held: { begin: LinkBegin; chunks: HeldChunk[]; bytes: number } | null = null;
  private missed: Missed = { ...noneMissed };
  /** Chunks of the gateway were left out: it begins anew with the next one of the board. */
  private isStale = false;

  constructor(
    readonly watch: FollowingWatch,
    private readonly wire: NumberedConnection,
    private readonly onGone: () => void,
  ) {}

  /** Between two turns, or before a chunk of the board is read: what the connection says of itself is true. */
  begin(): void {
    const verdict = this.watch.judge(this.wire.connection);
    if (verdict === "mine") this.start(this.here());
    else if (verdict === "unknown") this.held = { begin: this.here(), chunks: [], bytes: 0 };
  }

  onChunk(from: "board" | "gateway", chunk: Uint8Array): void {
    const t = this.watch.clock.now();
    const verdict = this.watch.judge(this.wire.connection);
    if (verdict === "other") return this.end(t, "it carries another board now");
    if (!this.isFollowing) {
      if (verdict === "mine" && this.held !== null) this.release(this.held);
      else if (from === "board" && this.held === null) this.begin();
    } else if (this.isStale && from === "board") this.start(this.here());
    if (this.isFollowing && !this.isStale) this.tell(t, from, chunk);
    else if (this.held !== null) {
      // A copy: slice() of a Buffer is a view of what is only lent.
      this.hold(this.held, { t, from, chunk: Uint8Array.from(chunk) });
    } else this.miss(chunk.length);
  }

  onSecret(bytes: number): void {
    if (this.held !== null) this.giveUp(this.held);
    this.miss(bytes);
    this.missed.isSecret = true;
    this.isStale = true;
  }

  onOver(reason: string): void {
    this.end(this.watch.clock.now(), reason);
    this.onGone();
  }

  resume(): void {
    if (this.isFollowing && this.missed.chunks > 0) this.start(this.here());
  }

  private here(): LinkBegin {
    const { clock } = this.watch;
    const { connection, number } = this.wire;
    const { name, wireState } = connection;
    return { connection: number, name, t: clock.now(), wall: clock.wall(), state: wireState };
  }

  private start(begin: LinkBegin): void {
    this.isFollowing = true;
    this.isStale = false;
    this.tellMissed();
    this.watch.listener.onLink(begin);
  }

  private release({ begin, chunks }: { begin: LinkBegin; chunks: HeldChunk[] }): void {
    this.held = null;
    this.start(begin);
    for (const { t, from, chunk } of chunks) this.tell(t, from, chunk);
  }

  private hold(held: NonNullable<Follower["held"]>, chunk: HeldChunk): void {
    held.bytes += chunk.chunk.length;
    held.chunks.push(chunk);
    if (held.bytes > MAX_HELD_BYTES) this.giveUp(held);
  }

  /** It begins anew with the next chunk of the board. */
  private giveUp({ chunks, bytes }: NonNullable<Follower["held"]>): void {
    this.held = null;
    this.missed.chunks += chunks.length;
    this.missed.bytes += bytes;
  }

  private tell(t: number, from: "board" | "gateway", chunk: Uint8Array): void {
    if (this.watch.isPaused) this.miss(chunk.length);
    else this.watch.listener.onChunk(this.wire.number, t, from, chunk);
  }

  private miss(bytes: number): void {
    this.missed.chunks++;
    this.missed.bytes += bytes;
  }

  private tellMissed(): void {
    const { missed } = this;
    this.missed = { ...noneMissed };
    if (missed.chunks > 0) this.watch.listener.onMissed(this.wire.number, this.watch.clock.now(), missed);
  }

  private end(t: number, reason: string): void {
    if (this.isFollowing) {
      this.tellMissed();
      this.watch.listener.onOver(this.wire.number, t, reason);
    }
    this.isFollowing = false;
    this.held = null;
    this.missed = { ...noneMissed };
  }
}
