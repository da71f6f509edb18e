/**
 * Requests that were withdrawn before they came: a CANCEL overtakes. Kept until the request's time is surely over, so
 * that one which comes after all is not executed late, by this gateway or the next.
 *
 *   w/ID   the request with this id is not to be executed
 */
import type { Clock } from "../platform/clock.ts";
import type { RecordChange, Store } from "../store/store.ts";

interface WithdrawnDocument {
  /** ms since 1970: when it was withdrawn, and until when that is known at least. */
  addedAt: number;
  until: number;
}

const PREFIX = "w/";
/**
 * ms beyond the life of the CANCEL, which lives as long as its request and longer: as long as a request can lie unread in
 * a session that comes back (session D12), and twice that.
 */
const GRACE_MS = 600_000;
/** Withdrawals kept; the oldest go first. */
const MOST = 10_000;
/** How many are looked at, whether they are over, for each that comes. */
const LOOK = 4;

export class Withdrawn {
  /** Until when, on the monotonic clock; the oldest first. */
  private readonly until = new Map<string, number>();

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  async load(): Promise<void> {
    const wall = this.clock.wall();
    for (const [key, { addedAt, until }] of await this.store.records<WithdrawnDocument>(PREFIX)) {
      // A clock that is found behind is not trusted: what is left then is all of it (iotgw §9).
      this.until.set(key.slice(PREFIX.length), this.clock.now() + until - Math.max(wall, addedAt));
    }
  }

  has(id: string): boolean {
    return this.until.has(id);
  }

  /** Notes it, and returns what is to be committed with the CANCEL, which lives `ttlMs` more. */
  add(id: string, ttlMs: number): RecordChange[] {
    this.forgetOld();
    const keptMs = ttlMs + GRACE_MS;
    this.until.set(id, this.clock.now() + keptMs);
    const addedAt = this.clock.wall();
    return [{ key: PREFIX + id, value: { addedAt, until: addedAt + keptMs } satisfies WithdrawnDocument }];
  }

  /** The commit of add() failed: the CANCEL will come again. */
  drop(id: string): void {
    this.until.delete(id);
  }

  private forgetOld(): void {
    const now = this.clock.now();
    let looks = 0;
    for (const [id, until] of this.until) {
      if (until > now && this.until.size < MOST) {
        if (++looks >= LOOK) return;
        continue;
      }
      this.until.delete(id);
      this.store.putLater([{ key: PREFIX + id, value: null }]);
    }
  }
}
