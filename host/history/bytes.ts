/** Bytes written and read one number after the other. */

const FIRST_ROOM = 256;
const DOUBLE_BYTES = 8;
/** Of a number of 53 bits. */
const MOST_VARINT_BYTES = 8;

export class ByteWriter {
  private bytes = Buffer.allocUnsafe(FIRST_ROOM);
  private end: number;

  /** `reserved`: bytes at the beginning that the caller fills in. */
  constructor(private readonly reserved = 0) {
    this.end = reserved;
  }

  byte(value: number): void {
    this.ensure(1);
    this.bytes[this.end++] = value;
  }

  double(value: number): void {
    this.ensure(DOUBLE_BYTES);
    this.end = this.bytes.writeDoubleLE(value, this.end);
  }

  /** From 0 to 2^53 - 1: seven bits a byte, the lowest first. */
  unsigned(value: number): void {
    this.ensure(MOST_VARINT_BYTES);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.end++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.end++] = rest;
  }

  /** Zigzag: small ones are short, whichever their sign. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  append(bytes: Uint8Array): void {
    this.ensure(bytes.length);
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }

  /** What was written, without what is reserved in front; good until more is. */
  get written(): Buffer {
    return this.bytes.subarray(this.reserved, this.end);
  }

  /** All of it, in memory of its own. */
  finish(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.end));
  }

  clear(): void {
    this.end = this.reserved;
  }

  private ensure(room: number): void {
    if (this.end + room <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.end + room));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
  }
}

export class ByteReader {
  constructor(
    private readonly bytes: Buffer,
    private at = 0,
  ) {}

  byte(): number {
    return this.bytes.readUInt8(this.skip(1));
  }

  double(): number {
    return this.bytes.readDoubleLE(this.skip(DOUBLE_BYTES));
  }

  unsigned(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  get position(): number {
    return this.at;
  }

  /** -> where what is skipped began. */
  skip(count: number): number {
    const start = this.at;
    this.at += count;
    return start;
  }
}
