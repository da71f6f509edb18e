/**
 * Who hears which chunk: each watch follows one link or one board, and hears every chunk of the connections that are
 * its own, each connection beginning with how far it had come.
 *
 * Which board a fresh connection carries shows only after its first bytes. For a watch that follows a board such bytes
 * are held until it shows, so that the handshake is seen too.
 */
import type { Clock } from "../platform/clock.ts";
import type { Connection } from "../session/connection.ts";
import type { WireState } from "../session/wire-state.ts";

/** Bytes held of one connection of which it is not known whom it carries; a handshake and a hello are below 2 KiB. */
const MAX_HELD_BYTES = 16_384;

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

/** Chunks that were not handed on, since there was no room for them. */
export interface Missed {
  chunks: number;
  bytes: number;
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

/** "unknown": it has not said hello. */
type Verdict = "mine" | "other" | "unknown";

interface Wire {
  readonly number: number;
  readonly connection: Connection;
  readonly followers: Set<Follower>;
}

export class LinkWatches {
  private readonly wires = new Map<Connection, Wire>();
  private readonly watches = new Set<Watch>();
  private count = 0;

  constructor(
    private readonly clock: Clock,
    /** Whether the board `device` speaks over `connection` now. */
    private readonly isCarrying: (device: string, connection: Connection) => boolean,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** A connection was started. */
  add(connection: Connection): void {
    const wire: Wire = { number: ++this.count, connection, followers: new Set() };
    this.wires.set(connection, wire);
    for (const watch of this.watches) this.join(watch, wire);
  }

  remove(connection: Connection): void {
    this.wires.delete(connection);
  }

  watch(target: WatchTarget, listener: LinkListener): LinkWatch {
    const watch = new Watch(listener, this.judge(target), this.clock, (ended) => this.drop(ended));
    this.watches.add(watch);
    for (const wire of this.wires.values()) this.join(watch, wire);
    return watch;
  }

  private judge(target: WatchTarget): (connection: Connection) => Verdict {
    if ("link" in target) return ({ name }) => (name === target.link ? "mine" : "other");
    return (connection) => {
      if (this.isCarrying(target.device, connection)) return "mine";
      return connection.session?.isConfirmed ? "other" : "unknown";
    };
  }

  private join(watch: Watch, wire: Wire): void {
    // A link keeps its name; a cable may come to carry another board.
    if (watch.judge(wire.connection) === "other" && !wire.connection.name.startsWith("serial ")) return;
    if (wire.followers.size === 0) this.tap(wire);
    wire.followers.add(watch.follow(wire));
  }

  private tap({ connection, followers }: Wire): void {
    const each = (tell: (follower: Follower) => void) => {
      for (const follower of followers) {
        try {
          tell(follower);
        } catch (error) {
          this.onFault(error);
        }
      }
    };
    connection.setTap({
      onChunk: (from, chunk) => each((follower) => follower.onChunk(from, chunk)),
      onOver: (reason) => each((follower) => follower.onOver(reason)),
    });
  }

  private drop(watch: Watch): void {
    this.watches.delete(watch);
    for (const { connection, followers } of this.wires.values()) {
      for (const follower of followers) if (follower.watch === watch) followers.delete(follower);
      if (followers.size === 0) connection.setTap(null);
    }
  }
}

class Watch implements LinkWatch {
  isPaused = false;
  private readonly followers = new Set<Follower>();

  constructor(
    readonly listener: LinkListener,
    readonly judge: (connection: Connection) => Verdict,
    readonly clock: Clock,
    private readonly onStop: (watch: Watch) => void,
  ) {}

  get followed(): number {
    return [...this.followers].filter(({ isFollowing }) => isFollowing).length;
  }

  follow(wire: Wire): Follower {
    const follower = new Follower(this, wire, () => this.followers.delete(follower));
    this.followers.add(follower);
    follower.begin();
    return follower;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    for (const follower of this.followers) follower.resume();
  }

  stop(): void {
    this.onStop(this);
    this.followers.clear();
  }
}

interface HeldChunk {
  t: number;
  from: "board" | "gateway";
  chunk: Uint8Array;
}

/** What one watch knows of one connection. */
class Follower {
  isFollowing = false;
  /** From where it is held, until it shows whom it carries; null when nothing is. */
  private held: { begin: LinkBegin; chunks: HeldChunk[]; bytes: number } | null = null;
  private missed: Missed = { chunks: 0, bytes: 0 };

  constructor(
    readonly watch: Watch,
    private readonly wire: Wire,
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
    }
    if (this.isFollowing) this.tell(t, from, chunk);
    else if (this.held !== null) {
      // A copy: slice() of a Buffer is a view of what is only lent.
      this.hold(this.held, { t, from, chunk: Uint8Array.from(chunk) });
    } else this.miss(chunk.length);
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
    if (held.bytes <= MAX_HELD_BYTES) return;
    this.held = null; // it begins anew with the next chunk of the board
    this.missed.chunks += held.chunks.length;
    this.missed.bytes += held.bytes;
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
    this.missed = { chunks: 0, bytes: 0 };
    if (missed.chunks > 0) this.watch.listener.onMissed(this.wire.number, this.watch.clock.now(), missed);
  }

  private end(t: number, reason: string): void {
    if (this.isFollowing) {
      this.tellMissed();
      this.watch.listener.onOver(this.wire.number, t, reason);
    }
    this.isFollowing = false;
    this.held = null;
    this.missed = { chunks: 0, bytes: 0 };
  }
}
