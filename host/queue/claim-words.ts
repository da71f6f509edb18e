/**
 * One word for each packet of another thread, in memory that both share: whoever changes it first decides whether the
 * packet leaves (iotgw X.1 step 8, R8.1).
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

const wordOf = (life: number, claim: Claim) => (life << 2) | claim;

/** INVALID too, when the word is another's by now. */
export function claimOf({ words, index, life }: ClaimHandle): Claim {
  const word = Atomics.load(words, index);
  return word >>> 2 === life ? word & 3 : Claim.INVALID;
}

/** From one claim to the next, unless somebody was faster, or the word is another's by now. */
export function changeClaim({ words, index, life }: ClaimHandle, from: Claim, to: Claim): boolean {
  const expected = wordOf(life, from);
  return Atomics.compareExchange(words, index, expected, wordOf(life, to)) === expected;
}
