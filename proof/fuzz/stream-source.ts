/** Streams of bytes to fuzz with, repeated by a seed: random ones, and good ones spoiled. */

/** The longest stream. */
const MOST_BYTES = 512;
const MOST_RANDOM_BYTES = 48;
const MOST_PIECES = 4;
const MOST_CHANGES = 3;
/** Where codes, sizes and counts change their meaning. */
const TELLING = [0, 1, 2, 16, 32, 33, 200, 201, 240, 241, 248, 249, 250, 254, 255, 0xc0, 0xdb, 0xdc, 0xdd];

export class StreamSource {
  /** The stream made last: bytes[0…length). */
  readonly bytes = new Uint8Array(MOST_BYTES);
  length = 0;
  private state: number;

  constructor(seed: number) {
    // xorshift32 stays at 0 for ever.
    this.state = Math.imul(seed, 0x9e3779b1) | 1;
  }

  /** 32 random bits, unsigned. */
  next(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x >>> 0;
  }

  below(limit: number): number {
    return this.next() % limit;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }

  /** Makes a stream: every fourth of random bytes, the others of some of `good` one after the other, most of them spoiled. */
  make(good: readonly Uint8Array[]): void {
    this.length = 0;
    const kind = this.below(8);
    if (kind === 0) this.addRandom(this.below(MOST_RANDOM_BYTES));
    else if (kind === 1) for (let n = this.below(12); n > 0; n--) this.add(this.pick(TELLING));
    else {
      for (let n = 1 + this.below(MOST_PIECES); n > 0; n--) this.addAll(this.pick(good));
      if (kind > 2) this.spoil();
    }
  }

  add(byte: number): void {
    if (this.length < MOST_BYTES) this.bytes[this.length++] = byte;
  }

  addAll(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) this.add(bytes[i]);
  }

  addRandom(count: number): void {
    for (let left = count; left > 0; left -= 4) {
      let bits = this.next();
      for (let i = 0; i < 4 && i < left; i++, bits >>>= 8) this.add(bits & 255);
    }
  }

  /** Changes, drops, doubles or inserts a few bytes, or ends it early. */
  spoil(): void {
    for (let n = 1 + this.below(MOST_CHANGES); n > 0 && this.length > 0; n--) {
      const at = this.below(this.length);
      const kind = this.below(6);
      if (kind === 0) this.bytes[at] ^= 1 << this.below(8);
      else if (kind === 1) this.bytes[at] = this.pick(TELLING);
      else if (kind === 2) this.bytes[at] = this.next();
      else if (kind === 3) this.remove(at, 1 + this.below(4));
      else if (kind === 4) this.insert(at);
      else this.length = at;
    }
  }

  /** The stream as it is now, for a failure's text. */
  get hex(): string {
    return Buffer.from(this.bytes.subarray(0, this.length)).toString("hex");
  }

  private remove(at: number, count: number): void {
    this.bytes.copyWithin(at, at + count, this.length);
    this.length = Math.max(at, this.length - count);
  }

  private insert(at: number): void {
    if (this.length === MOST_BYTES) return;
    this.bytes.copyWithin(at + 1, at, this.length);
    this.bytes[at] = this.pick(TELLING);
    this.length++;
  }
}
