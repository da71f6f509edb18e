/**
 * Who hears which chunk: each watch follows one link or one board, and hears every chunk of the connections that are
 * its own, each connection beginning with how far it had come.
 */
import type { Clock } from "../platform/clock.ts";
import type { Connection } from "../session/connection.ts";
import { Follower, type FollowingWatch, type NumberedConnection, type Verdict } from "./link-follower.ts";
import type { LinkListener, LinkWatch, WatchTarget } from "./link-listener.ts";

interface Wire extends NumberedConnection {
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
      onSecret: (bytes) => each((follower) => follower.onSecret(bytes)),
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

class Watch implements LinkWatch, FollowingWatch {
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
