/**
 * One word for each packet of another thread, in memory that both share: whoever changes it first decides whether the
 * packet leaves (iotgw X.1 step 8, R8.1).
 *
 *   QUEUED ──writer──▶ CLAIMED ──session lost──▶ RETURNED ──writer──▶ CLAIMED
 *      └───setInvalid──▶ INVALID ◀──setInvalid──────┘
 *
 *   word:  life:29  claim:2        a word is lent again; a handle of an earlier life changes nothing
 */

export const enum Claim {
  QUEUED = 0,
  CLAIMED = 1,
  INVALID = 2,
  /** Bytes had left with a session that was lost. */
  RETURNED = 3,
}

/** A word, and the life in which it is lent. */
export interface ClaimHandle {
  words: Int32Array;
  index: number;
  life: number;
}

/** One that its thread has lent: `chunk` says to the other which of its arrays. */
export interface LentWord extends ClaimHandle {
  chunk: number;
}

const CHUNK_WORDS = 4096;
const LIVES = 0x1fffffff;

const wordOf = (life: number, claim: Claim) => (life << 2) | claim;

/** Words of one thread, for its packets. */
export class ClaimWords {
  private readonly chunks: Int32Array[] = [];
  private shown = 0;
  private made = 0;
  private readonly free: LentWord[] = [];

  /** A word that says QUEUED, in a life of its own. */
  lend(): LentWord {
    const { words, index, life, chunk } = this.free.pop() ?? this.make();
    const lent = { words, index, life: (life + 1) & LIVES, chunk };
    Atomics.store(words, index, wordOf(lent.life, Claim.QUEUED));
    return lent;
  }

  /** The packet has come to its outcome: late handles find another life. */
  giveBack(lent: LentWord): void {
    this.free.push(lent);
  }

  /** Arrays that the other thread has not been shown. */
  showNew(): Int32Array[] {
    const { shown } = this;
    this.shown = this.chunks.length;
    return this.chunks.slice(shown);
  }

  private make(): LentWord {
    const index = this.made++ % CHUNK_WORDS;
    if (index === 0) this.chunks.push(new Int32Array(new SharedArrayBuffer(4 * CHUNK_WORDS)));
    const chunk = this.chunks.length - 1;
    return { words: this.chunks[chunk], index, life: 0, chunk };
  }
}

/** INVALID too when the word is another's by now. */
export function claimOf({ words, index, life }: ClaimHandle): Claim {
  const word = Atomics.load(words, index);
  return word >>> 2 === life ? word & 3 : Claim.INVALID;
}

/** From one claim to the next, unless somebody was faster, or the word is another's by now. */
export function changeClaim({ words, index, life }: ClaimHandle, from: Claim, to: Claim): boolean {
  const expected = wordOf(life, from);
  return Atomics.compareExchange(words, index, expected, wordOf(life, to)) === expected;
}
