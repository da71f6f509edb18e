/** How long a transport that takes no byte is borne with, and how much is written to it meanwhile (session §2, D6). */

/** Refusing bytes for so long, ms, is more than a full buffer on its way out. */
const STALLED_MS = 1000;
/**
 * What may wait to be taken, in bytes and in writes: more than a whole window in one turn, and than all the sync packets
 * until a transport is given up; but a peer that sends and does not read would have us write for ever.
 */
const MAX_UNSENT_BYTES = 262_144;
const MAX_REFUSED_WRITES = 4096;
/** On a socket, before there is a session that says how often it must be heard, ms. */
const PATIENCE_MS = 10_000;

export class Patience {
  /** Since when it takes nothing more, Infinity while it does, and how often it was written to since. */
  private since = Infinity;
  private writes = 0;

  /** It takes bytes again, or is given up. */
  reset(): void {
    this.since = Infinity;
    this.writes = 0;
  }

  /** A write was refused, and `unsent` bytes wait. False: that is more than may. */
  refused(now: number, unsent: number): boolean {
    if (now < this.since) this.since = now;
    this.writes++;
    return unsent <= MAX_UNSENT_BYTES && this.writes <= MAX_REFUSED_WRITES;
  }

  /** ms for which it has taken nothing. */
  lasted(now: number): number {
    return Math.max(0, now - this.since);
  }

  /** The other end does not read. */
  isStalled(now: number): boolean {
    return now - this.since >= STALLED_MS;
  }

  /**
   * When it is given up. No sync packet passes in front of what waits (session D6), so by then the other side has given us
   * up (session §2), and all we still wrote would only pile up. `heartbeat`: syncIntervalMax in ms, where there is one.
   */
  endsAt(heartbeat: number | undefined): number {
    return this.since + (heartbeat === undefined ? PATIENCE_MS : 2 * heartbeat);
  }
}
