/**
 * What is given up to stay within the bounds: whole commits, the oldest first. The newest always stays, for it tells
 * where the numbers stand.
 */
import type { Change, Database } from "./database.ts";
import { GROUPS, type GroupHead, readHead } from "./group.ts";

export interface Bounds {
  maxMessages: number;
  maxBytes: number;
  /** 0: as long as there is room. */
  maxAgeS: number;
}

/** Where a store ends: the number of the next message, the bytes of all groups, and the store's own time. */
export interface End {
  next: number;
  end: number;
  age: number;
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
    /** The error for the value of `key`, which is damaged. */
    private readonly damaged: (key: string) => Error,
    /** What is there could not be read, while nobody waited for it. */
    private readonly onFault: (error: Error) => void,
  ) {}

  /** Looks at what is there; rejects when it cannot be read. */
  async load(): Promise<void> {
    await this.reading?.catch(() => {}); // of what was there before: told already
    this.oldest = [];
    this.isComplete = false;
    await this.readOn();
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

  /** Whether there is something to give up. `onlyOld`: by age alone. */
  isOver(at: End, onlyOld: boolean): boolean {
    const first = this.oldest[0];
    return first !== undefined && (onlyOld ? this.isOld(first, at) : this.isBeyond(first, at));
  }

  /** Whether it holds as many bytes or messages as it may. */
  isFull({ next, end }: End): boolean {
    const first = this.oldest[0];
    if (first === undefined) return false;
    return end - first.offset >= this.bounds.maxBytes || next - first.first >= this.bounds.maxMessages;
  }

  /** What is given up: the changes, how many messages, and their bytes. `onlyOld`: by age alone. */
  cut(at: End, onlyOld: boolean): Cut {
    const changes: Change[] = [];
    const [before] = this.oldest;
    while (this.oldest.length > 1 && this.isOver(at, onlyOld))
      changes.push({ type: "del", key: this.oldest.shift()!.key });
    if (this.oldest.length < READ_AT_ONCE && !this.isComplete) this.lookAhead();
    if (changes.length === 0) return NOTHING;
    const [after] = this.oldest;
    return { changes, messages: after.first - before.first, bytes: after.offset - before.offset };
  }

  private isBeyond(first: Oldest, at: End): boolean {
    const { maxBytes, maxMessages } = this.bounds;
    return at.end - first.offset > maxBytes || at.next - first.first > maxMessages || this.isOld(first, at);
  }

  private isOld(first: Oldest, { age }: End): boolean {
    return this.bounds.maxAgeS > 0 && age - first.age > this.bounds.maxAgeS * 1000;
  }

  private lookAhead(): void {
    this.reading ??= this.readOn()
      .catch(this.onFault)
      .finally(() => {
        this.reading = null;
      });
  }

  private async readOn(): Promise<void> {
    const last = this.oldest[this.oldest.length - 1];
    this.hasMissed = false;
    const gte = last === undefined ? GROUPS.gte : `${last.key}\0`;
    const found = await this.database.read({ ...GROUPS, gte, limit: READ_AT_ONCE });
    let expected = last?.commit ?? -1;
    for (const [key, value] of found) {
      const head = readHead(key, value);
      if (head === null || (expected >= 0 && head.commit !== expected + 1)) throw this.damaged(key);
      expected = head.commit;
      this.oldest.push({ key, ...head });
    }
    this.isComplete = found.length < READ_AT_ONCE && !this.hasMissed;
  }
}
