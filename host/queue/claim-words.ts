/**
 * One word for each packet, in memory that threads share: whoever changes it first decides whether the packet leaves
 * (iotgw X.1 step 8, R8.1).
 *
 *   QUEUED ──writer──▶ CLAIMED ──session lost──▶ RETURNED ──writer──▶ CLAIMED
 *      └───setInvalid──▶ INVALID ◀──setInvalid──────┘
 *
 *   word:  life:30  claim:2        a word is lent again; a handle of an earlier life changes nothing
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

const CHUNK_WORDS = 4096;
const LIVES = 0x3fffffff;

const wordOf = (life: number, claim: Claim) => (life << 2) | claim;

/** Words of one thread; it lends them, and any thread may change them. */
export class ClaimWords {
  private chunk = newChunk();
  private made = 0;
  private readonly free: ClaimHandle[] = [];

  /** A word that says QUEUED, in a life of its own. */
  lend(): ClaimHandle {
    const handle = this.free.pop() ?? this.make();
    handle.life = (handle.life + 1) & LIVES;
    handle.words[handle.index] = wordOf(handle.life, Claim.QUEUED);
    return handle;
  }

  /** The packet has come to its outcome: late handles find another life. */
  giveBack(handle: ClaimHandle): void {
    this.free.push(handle);
  }

  private make(): ClaimHandle {
    if (this.made === CHUNK_WORDS) {
      this.chunk = newChunk();
      this.made = 0;
    }
    return { words: this.chunk, index: this.made++, life: 0 };
  }
}

function newChunk(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * CHUNK_WORDS));
}

export function claimOf({ words, index }: ClaimHandle): Claim {
  return Atomics.load(words, index) & 3;
}

/** From one claim to the next, unless somebody was faster, or the word is another's by now. */
export function changeClaim(handle: ClaimHandle, life: number, from: Claim, to: Claim): boolean {
  const expected = wordOf(life, from);
  return Atomics.compareExchange(handle.words, handle.index, expected, wordOf(life, to)) === expected;
}
