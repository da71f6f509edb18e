/** Where two threads meet before each packet, so that both claim it at the same time as far as that can be had. */

/** Of the words that both know: how many packets each has come to; each in a cache line of its own. */
export const enum Word {
  WRITER = 0,
  WITHDRAWER = 32,
  /** From here on, whether the withdrawer won, one for each packet of a round. */
  WON = 64,
}

/** Packets that wait in the queue at once. */
export const ROUND = 256;

/** Looks before a thread sleeps: the other one may have no processor. */
const LOOKS = 2000;
/** What keeps one of both back after they met, at most. */
const STEPS_BEHIND = 24;

export function newWords(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * (Word.WON + ROUND)));
}

/** Returns once both have come to packet `turn`, counted from 1 over all rounds. */
export class Meeting {
  private random: number;

  constructor(
    private readonly words: Int32Array,
    private readonly mine: Word,
    private readonly other: Word,
    seed: number,
  ) {
    this.random = seed;
  }

  at(turn: number): void {
    const { words, mine, other } = this;
    Atomics.store(words, mine, turn);
    Atomics.notify(words, mine);
    for (let looks = 0; Atomics.load(words, other) < turn; looks++)
      if (looks > LOOKS) Atomics.wait(words, other, turn - 1, 1);
    this.stayBehind();
  }

  /** Now this one, now that, so that neither always wins. */
  private stayBehind(): void {
    this.random = (Math.imul(this.random, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    for (let steps = (this.random >> 16) % STEPS_BEHIND; steps > 0; steps--)
      Atomics.load(this.words, this.mine);
  }
}
