/**
 * Key Datums (`bchnfo`, `bchreq`, `bchack`): ours is told, others' are only noted until somebody pins them in the
 * configuration. A key that counts as soon as it is heard is anybody's.
 */
import type { Datum } from "./datum.ts";
import type { PendingKey } from "./participant-types.ts";
import type { Peer } from "./peer-table.ts";

const METHOD = "ed";
const KEY = /^[0-9a-f]{64}$/i;
const MAX_PENDING = 64;

export const KEY_INFO = "bchnfo";
export const KEY_REQUEST = "bchreq";
export const KEY_ANSWER = "bchack";

export class KeyExchange {
  /** By key, the longest unheard first. */
  private readonly heard = new Map<string, PendingKey>();

  constructor(private readonly pinned: ReadonlySet<string>) {}

  get pending(): PendingKey[] {
    return [...this.heard.values()];
  }

  /** What a peer says is its key, unasked: an answer to nothing we asked is none (`bchack`). */
  hear({ bm, bk }: Datum, { nick, account }: Peer, now: number): void {
    if (bm !== METHOD || typeof bk !== "string" || !KEY.test(bk)) return;
    const key = bk.toLowerCase();
    if (this.pinned.has(key)) return;
    this.heard.delete(key);
    this.heard.set(key, { key, nick, account, at: now });
    if (this.heard.size <= MAX_PENDING) return;
    for (const [oldest] of this.heard) {
      this.heard.delete(oldest);
      return;
    }
  }
}

/** Of the kind the reference reads: it wants a did and a time. */
export function keyDatum(ot: string, key: string, did: number, wall: number): Datum {
  return { ot, src: "", dst: "", did, bm: METHOD, bk: key, t: formatTime(wall) };
}

/** UTC, in the reference's shape. */
function formatTime(wall: number): string {
  const [date, time] = new Date(wall).toISOString().split("T");
  return `${date} ${time.slice(0, -1)}000`;
}

export function isKeyDatum({ ot }: Datum): boolean {
  return ot === KEY_INFO || ot === KEY_REQUEST || ot === KEY_ANSWER;
}
