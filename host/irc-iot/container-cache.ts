/**
 * Containers that were said or heard, so that what somebody missed can be said again, byte for byte (IRC-IoT S-2).
 *
 * Bounded in bytes: what was longest not of use goes first. What is too old goes step by step, a few at each call of
 * `sweep`, so that no call takes long (IRC-IoT S-3).
 */
import { Buffer } from "node:buffer";

/** What of a Datum a Container carries. */
export interface CachedPart {
  did: string;
  /** Where its fragment begins and ends in the encoded text; null: the Datum is whole. */
  bp: number | null;
  end: number | null;
}

export interface CachedContainer {
  text: string;
  mid: string;
  oids: readonly string[];
  parts: readonly CachedPart[];
  /** Channel or nick it was said to, folded. */
  place: string;
  isPublic: boolean;
  /** Sent: the sender key of whom it was said to privately, if known. Heard: of whoever said it. */
  party: string | null;
  at: number;
}

/** What an id names: lst 10 and 11, 20 and 21, 30 and 31 (IRC-IoT S-6). */
export type IdKind = "mid" | "oid" | "did";

/** What an entry costs beside its text: objects, index, ids. */
const ENTRY_BYTES = 400;
/** Entries that one sweep looks at: some tens of microseconds. */
const SWEEP_STEP = 64;

export class ContainerCache {
  /** In order of use, the longest unused first. */
  private readonly entries = new Map<string, CachedContainer>();
  private readonly index = new Map<string, Set<CachedContainer>>();
  private cursor: Iterator<CachedContainer> | null = null;
  private held = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly keepMs: number,
  ) {}

  get bytes(): number {
    return this.held;
  }

  get size(): number {
    return this.entries.size;
  }

  /** The same text at the same place again only counts as used, now. */
  add(entry: CachedContainer): void {
    const key = keyOf(entry);
    const known = this.entries.get(key);
    if (known !== undefined) this.remove(key, known);
    const cost = costOf(entry);
    if (cost > this.maxBytes) return;
    this.entries.set(key, entry);
    this.held += cost;
    for (const name of namesOf(entry)) {
      const named = this.index.get(name);
      if (named === undefined) this.index.set(name, new Set([entry]));
      else named.add(entry);
    }
    for (const [oldest, unused] of this.entries) {
      if (this.held <= this.maxBytes) break;
      this.remove(oldest, unused);
    }
  }

  /** Those not too old that carry this id, in the order they were added. */
  find(kind: IdKind, id: string, now: number): CachedContainer[] {
    const named = this.index.get(`${kind} ${id}`);
    return named === undefined ? [] : [...named].filter(({ at }) => now - at < this.keepMs);
  }

  has(entry: CachedContainer): boolean {
    return this.entries.get(keyOf(entry)) === entry;
  }

  /** It was of use: it goes later than others. Its age stays. */
  use(entry: CachedContainer): void {
    const key = keyOf(entry);
    if (this.entries.get(key) !== entry) return;
    this.entries.delete(key);
    this.entries.set(key, entry);
  }

  /** One step of the garbage collection; how many went. */
  sweep(now: number): number {
    let gone = 0;
    this.cursor ??= this.entries.values();
    for (let i = 0; i < SWEEP_STEP; i++) {
      const { done, value } = this.cursor.next();
      if (done === true) {
        this.cursor = null;
        return gone;
      }
      if (now - value.at < this.keepMs) continue;
      this.remove(keyOf(value), value);
      gone++;
    }
    return gone;
  }

  /** Those of one place that are for nobody any more. */
  forget(shouldGo: (entry: CachedContainer) => boolean): void {
    for (const [key, entry] of this.entries) if (shouldGo(entry)) this.remove(key, entry);
  }

  private remove(key: string, entry: CachedContainer): void {
    this.entries.delete(key);
    this.held -= costOf(entry);
    for (const name of namesOf(entry)) {
      const named = this.index.get(name);
      named?.delete(entry);
      if (named?.size === 0) this.index.delete(name);
    }
  }
}

function keyOf({ place, party, text }: CachedContainer): string {
  return `${place} ${party ?? ""} ${text}`;
}

function costOf(entry: CachedContainer): number {
  return Buffer.byteLength(entry.text) * 2 + ENTRY_BYTES;
}

function namesOf({ mid, oids, parts }: CachedContainer): Set<string> {
  return new Set([`mid ${mid}`, ...oids.map((oid) => `oid ${oid}`), ...parts.map(({ did }) => `did ${did}`)]);
}
