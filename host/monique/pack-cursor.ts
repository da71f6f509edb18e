/** MessagePack, one header at a time: a cursor that is set anew for each run of bytes, and allocates nothing. */

export const enum Kind {
  NIL,
  BOOL,
  INT,
  FLOAT,
  STR,
  BIN,
  ARRAY,
  MAP,
  EXT,
}

const NOTHING = new Uint8Array(0);
const TWO_TO_32 = 2 ** 32;

const scratch = new Uint8Array(8);
const scratchView = new DataView(scratch.buffer);

export class PackCursor {
  bytes: Uint8Array = NOTHING;
  at = 0;
  end = 0;
  /** Of the header that was read last. */
  kind: Kind = Kind.NIL;
  /** Of STR, BIN and EXT: bytes, which begin at `at`; of ARRAY: values; of MAP: pairs; of BOOL: 0 or 1. */
  size = 0;
  /** Of INT and FLOAT; an integer beyond 2^53 is rounded, and its bytes are the eight in front of `at`. */
  value = 0;
  /** Of EXT. */
  extType = 0;

  set(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Reads a header; of a value without content it is all. False: cut short here or in what it announces, or the byte c1. */
  next(): boolean {
    if (this.at >= this.end) return false;
    const head = this.bytes[this.at++];
    if (head < 0x80) return this.isInteger(head);
    if (head < 0x90) return this.announces(Kind.MAP, head & 0x0f);
    if (head < 0xa0) return this.announces(Kind.ARRAY, head & 0x0f);
    if (head < 0xc0) return this.announces(Kind.STR, head & 0x1f);
    if (head >= 0xe0) return this.isInteger(head - 256);
    return this.nextOf(head);
  }

  /** Passes over the content of a STR, BIN or EXT. */
  passContent(): void {
    this.at += this.size;
  }

  private nextOf(head: number): boolean {
    switch (head) {
      case 0xc0:
        this.kind = Kind.NIL;
        return true;
      case 0xc2:
      case 0xc3:
        this.kind = Kind.BOOL;
        this.size = head & 1;
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.announces(Kind.BIN, this.unsigned(1 << (head - 0xc4)));
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.announcesExt(this.unsigned(1 << (head - 0xc7)));
      case 0xca:
      case 0xcb:
        return this.isFloat(head === 0xca ? 4 : 8);
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.has(1 << (head - 0xcc)) && this.isInteger(this.unsigned(1 << (head - 0xcc)));
      case 0xcf:
      case 0xd3:
        return this.isLong(head === 0xd3);
      case 0xd0:
      case 0xd1:
      case 0xd2:
        return this.isSigned(1 << (head - 0xd0));
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.announcesExt(1 << (head - 0xd4));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.announces(Kind.STR, this.unsigned(1 << (head - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.announces(Kind.ARRAY, this.unsigned(head === 0xdc ? 2 : 4));
      case 0xde:
      case 0xdf:
        return this.announces(Kind.MAP, this.unsigned(head === 0xde ? 2 : 4));
      default:
        return false; // c1, which means nothing
    }
  }

  private has(count: number): boolean {
    return count <= this.end - this.at;
  }

  /** Big-endian, of 1, 2 or 4 bytes; -1 when they are not there. */
  private unsigned(count: number): number {
    if (!this.has(count)) return -1;
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 256 + this.bytes[this.at++];
    return value;
  }

  private isInteger(value: number): boolean {
    this.kind = Kind.INT;
    this.value = value;
    return true;
  }

  private isSigned(count: number): boolean {
    if (!this.has(count)) return false;
    const limit = 256 ** count;
    const value = this.unsigned(count);
    return this.isInteger(value >= limit / 2 ? value - limit : value);
  }

  private isLong(isSigned: boolean): boolean {
    if (!this.has(8)) return false;
    const high = this.unsigned(4);
    const low = this.unsigned(4);
    return this.isInteger((isSigned ? high | 0 : high) * TWO_TO_32 + low);
  }

  private isFloat(count: number): boolean {
    if (!this.has(count)) return false;
    for (let i = 0; i < count; i++) scratch[i] = this.bytes[this.at++];
    this.kind = Kind.FLOAT;
    this.value = count === 4 ? scratchView.getFloat32(0) : scratchView.getFloat64(0);
    return true;
  }

  private announcesExt(size: number): boolean {
    if (size < 0 || !this.has(1)) return false;
    this.extType = (this.bytes[this.at++] << 24) >> 24;
    return this.announces(Kind.EXT, size);
  }

  /** Each value is a byte at least: so no header makes anybody wait for, or make room for, what cannot be there. */
  private announces(kind: Kind, size: number): boolean {
    this.kind = kind;
    this.size = size;
    return size >= 0 && this.has(kind === Kind.MAP ? size * 2 : size);
  }
}
