/** Ids of messages: 40 letters and digits, drawn so that nobody can guess the next. */
import { randomFillSync } from "node:crypto";

const ID_LENGTH = 40;
const ALPHABET = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "latin1");
/** Random bytes from here on are thrown away: 256 is no multiple of 62, and some letters would come more often. */
const FAIR_BELOW = Math.floor(256 / ALPHABET.length) * ALPHABET.length;
/** A call into the kernel for each id would cost more than the id. */
const BLOCK_BYTES = 4096;

const block = Buffer.alloc(BLOCK_BYTES);
let used = BLOCK_BYTES;
const drawn = Buffer.alloc(ID_LENGTH);

export function drawId(): string {
  for (let i = 0; i < ID_LENGTH; ) {
    if (used === BLOCK_BYTES) {
      randomFillSync(block);
      used = 0;
    }
    const byte = block[used];
    // What was drawn is not left lying about: whoever reads this memory learns no id of the past.
    block[used++] = 0;
    if (byte < FAIR_BELOW) drawn[i++] = ALPHABET[byte % ALPHABET.length];
  }
  return drawn.toString("latin1");
}

const ID = /^[A-Za-z0-9]{40}$/;

export function isId(text: string): boolean {
  return ID.test(text);
}
