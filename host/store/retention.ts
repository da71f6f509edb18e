/**
 * What is given up to stay within the bounds: whole commits, the oldest first. The newest always stays, for it tells
 * where the numbers stand.
 *
 * Age is counted on a clock that does not jump while the process runs (session D15): a wall clock that is set right by
 * years after the start must not empty the store.
 */
import type { Change, Database } from "./database.ts";
import { GROUPS, type GroupHead, readHead } from "./group.ts";

export interface Bounds {
  maxMessages: number;
  maxBytes: number;
  /** 0: as long as there is room. */
  maxAgeS: number;
}

export interface Cut {
  changes: Change[];
  messages: number;
  bytes: number;
}
const NOTHING: Cut = { changes: [], messages: 0, bytes: 0 };

interface Oldest extends GroupHead {
  key: string;
}

/** The oldest groups that are looked at ahead; and how many are read at once. */
const LOOK_AHEAD = 64;
const READ_AT_ONCE = 16;

export class Retention {
  /** The oldest groups, in order, as far as they are known. */
  private oldest: Oldest[] = [];
  /** Whether `oldest` reaches to the newest. */
  private isComplete = false;
  private reading: Promise<void> | null = null;
  /** A group came while the oldest were being read: they may not reach to it. */
  private hasMissed = false;

  constructor(
    private readonly database: Database,
    private readonly bounds: Bounds,
    private readonly onDamaged: (key: string) => void,
  ) {}

  /** Looks at what is there. */
  async load(): Promise<void> {
    this.oldest = [];
    this.isComplete = false;
    await this.lookAhead();
  }

  get first(): GroupHead | null {
    return this.oldest[0] ?? null;
  }

  /** A group was committed. */
  add(key: string, head: GroupHead): void {
    if (this.isComplete && this.oldest.length < LOOK_AHEAD) this.oldest.push({ key, ...head });
    else {
      this.isComplete = false;
      this.hasMissed = true;
    }
  }

  /** Whether what ends at `next` and `end` (bytes) is above the bounds at `now`. */
  isOver(next: number, end: number, now: number): boolean {
    const first = this.oldest[0];
    return first !== undefined && this.isBeyond(first, next, end, now);
  }

  /** Whether it holds as many bytes or messages as it may. */
  isFull(next: number, end: number): boolean {
    const first = this.oldest[0];
    if (first === undefined) return false;
    return end - first.offset >= this.bounds.maxBytes || next - first.first >= this.bounds.maxMessages;
  }

  /** What is given up: the changes, how many messages, and their bytes. `onlyOld`: by age alone. */
  cut(next: number, end: number, now: number, onlyOld: boolean): Cut {
    const changes: Change[] = [];
    const [before] = this.oldest;
    while (this.oldest.length > 1) {
      const [first] = this.oldest;
      if (onlyOld ? !this.isOld(first, now) : !this.isBeyond(first, next, end, now)) break;
      changes.push({ type: "del", key: first.key });
      this.oldest.shift();
    }
    if (this.oldest.length < READ_AT_ONCE && !this.isComplete) void this.lookAhead();
    if (changes.length === 0) return NOTHING;
    const [after] = this.oldest;
    return { changes, messages: after.first - before.first, bytes: after.offset - before.offset };
  }

  private isBeyond(first: Oldest, next: number, end: number, now: number): boolean {
    const { maxBytes, maxMessages } = this.bounds;
    return end - first.offset > maxBytes || next - first.first > maxMessages || this.isOld(first, now);
  }

  private isOld(first: Oldest, now: number): boolean {
    return this.bounds.maxAgeS > 0 && now - first.at > this.bounds.maxAgeS * 1000;
  }

  private lookAhead(): Promise<void> {
    this.reading ??= this.readOn().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  private async readOn(): Promise<void> {
    const last = this.oldest[this.oldest.length - 1];
    this.hasMissed = false;
    const gte = last === undefined ? GROUPS.gte : `${last.key}\0`;
    const found = await this.database.read({ ...GROUPS, gte, limit: READ_AT_ONCE }).catch(() => null);
    if (found === null) return; // the store has failed, and says so itself
    for (const [key, value] of found) {
      const head = readHead(key, value);
      if (head === null) return this.onDamaged(key);
      // Deleted meanwhile, or added by a commit.
      if (this.oldest.length === 0 || key > this.oldest[this.oldest.length - 1].key)
        this.oldest.push({ key, ...head });
    }
    this.isComplete = found.length < READ_AT_ONCE && !this.hasMissed;
  }
}
