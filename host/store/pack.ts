/**
 * Documents of bytes that were committed together, as one value: packets that wait for another gateway come by the hundred
 * and leave in their order, so that a key, a checksum and a deletion serve all of them.
 *
 *   key       p/NUMBER    14 hexadecimal digits
 *   value     crc:4  folder:#  count:2  documents:~      the folder is what their keys begin with, up to the last slash
 *   document  name:#  size:4  bytes:~                    the rest of its key, and what it holds
 *
 *   key       h/NUMBER    there when some of its documents are not wanted any more, and others are
 *   value     crc:4  bits:~                              of those that are not; the first document is bit 0 of byte 0
 *
 * Numbers are little-endian; a text (#) is size:2 and so many bytes of UTF-8.
 */
import type { Change } from "./database.ts";
import { sealInPlace } from "./sealed.ts";

export const PACKS = { gte: "p/", lt: "p0" };
export const HOLES = { gte: "h/", lt: "h0" };
/** At these sizes a pack is closed: one document that stays holds no more than that on the disk. */
const MOST_BYTES = 1 << 15;
const MOST_DOCUMENTS = 1024;

const CRC_BYTES = 4;
const COUNT_BYTES = 2;
const SIZE_BYTES = 4;
const TEXT_BYTES = 2;
/** A size is two bytes, and a character four at most. */
const LONGEST_KEY = 16_383;

export const packKey = (number: number) => PACKS.gte + hex(number);
const holesKey = (number: number) => HOLES.gte + hex(number);
const hex = (n: number) => n.toString(16).padStart(14, "0");

/** The number in a key of either kind. */
export function packNumber(key: string): number {
  return Number.parseInt(key.slice(2), 16);
}

export class Pack {
  readonly keys: string[] = [];
  /** Documents of it that are wanted. */
  live = 0;
  /** Bits of those that are not. */
  private unwanted: Uint8Array | null = null;
  /** All before it are not wanted: what leaves in its order is found here. */
  private head = 0;
  /** What of it is on the disk. */
  private isThere = false;
  private hasHoles = false;
  /** Until it is written. */
  private values: Uint8Array[] = [];
  private bytes = 0;

  constructor(
    readonly number: number,
    readonly folder: string,
  ) {}

  /** Whether one more may be put into it. */
  get hasRoom(): boolean {
    return this.bytes < MOST_BYTES && this.keys.length < MOST_DOCUMENTS;
  }

  add(key: string, bytes: Uint8Array): void {
    if (key.length > LONGEST_KEY)
      throw new RangeError(`keep a document: its key has ${key.length} characters; allowed: ${LONGEST_KEY}`);
    this.keys.push(key);
    this.values.push(bytes);
    this.bytes += bytes.length + key.length;
    this.live++;
  }

  /** That document is not wanted any more. */
  drop(key: string): void {
    this.live--;
    // Of one that goes as a whole nobody asks which are wanted.
    if (this.live === 0 && this.isThere) return;
    this.unwanted ??= new Uint8Array(MOST_DOCUMENTS >> 3);
    const at = this.find(key);
    this.unwanted[at >> 3] |= 1 << (at & 7);
    while (this.head < this.keys.length && !this.isWanted(this.head)) this.head++;
  }

  /** What writing it takes, when it is new. */
  written(): Change[] {
    const key = packKey(this.number);
    return this.live === 0 ? [] : [{ type: "put", key, value: sealInPlace(key, this.encode()) }];
  }

  /** What it takes after some of its documents were dropped. */
  dropped(): Change[] {
    if (this.live > 0) return [this.holes()];
    const all: Change[] = [];
    if (this.isThere) all.push({ type: "del", key: packKey(this.number) });
    if (this.hasHoles) all.push({ type: "del", key: holesKey(this.number) });
    return all;
  }

  /** It is on the disk as it is here. */
  committed(): void {
    this.values = [];
    this.isThere = true;
    this.hasHoles = this.live < this.keys.length;
  }

  /** One that was written, whole, and its holes if it has some. */
  static decode(number: number, value: Buffer, holes: Buffer | undefined): Pack {
    const folder = value.toString("utf8", CRC_BYTES + TEXT_BYTES, afterText(value, CRC_BYTES));
    const pack = new Pack(number, folder);
    pack.isThere = true;
    if (holes !== undefined) {
      pack.unwanted = new Uint8Array(MOST_DOCUMENTS >> 3);
      pack.unwanted.set(holes.subarray(CRC_BYTES));
      pack.hasHoles = true;
    }
    eachIn(value, (name) => void pack.keys.push(folder + name));
    for (let at = 0; at < pack.keys.length; at++) if (pack.isWanted(at)) pack.live++;
    while (pack.head < pack.keys.length && !pack.isWanted(pack.head)) pack.head++;
    return pack;
  }

  isWanted(at: number): boolean {
    return this.unwanted === null || (this.unwanted[at >> 3] & (1 << (at & 7))) === 0;
  }

  private find(key: string): number {
    let at = this.head;
    while (this.keys[at] !== key || !this.isWanted(at)) at++;
    return at;
  }

  private encode(): Buffer {
    const { folder, keys, values } = this;
    let size = CRC_BYTES + TEXT_BYTES + Buffer.byteLength(folder) + COUNT_BYTES;
    for (let i = 0; i < keys.length; i++)
      size += TEXT_BYTES + Buffer.byteLength(keys[i]) - folder.length + SIZE_BYTES + values[i].length;
    const value = Buffer.allocUnsafe(size);
    let at = writeText(value, CRC_BYTES, folder, 0);
    value.writeUInt16LE(keys.length, at);
    at += COUNT_BYTES;
    for (let i = 0; i < keys.length; i++) {
      at = writeText(value, at, keys[i], folder.length);
      value.writeUInt32LE(values[i].length, at);
      value.set(values[i], at + SIZE_BYTES);
      at += SIZE_BYTES + values[i].length;
    }
    return value;
  }

  private holes(): Change {
    const key = holesKey(this.number);
    const bits = this.unwanted!.subarray(0, (this.keys.length + 7) >> 3);
    const value = Buffer.allocUnsafe(CRC_BYTES + bits.length);
    value.set(bits, CRC_BYTES);
    return { type: "put", key, value: sealInPlace(key, value) };
  }
}

/** Every document in a whole value, in order: its name, and where its bytes are. */
export function eachIn(value: Buffer, visit: (name: string, start: number, end: number) => void): void {
  let at = afterText(value, CRC_BYTES);
  const count = value.readUInt16LE(at);
  at += COUNT_BYTES;
  for (let i = 0; i < count; i++) {
    const sizeAt = afterText(value, at);
    const start = sizeAt + SIZE_BYTES;
    const end = start + value.readUInt32LE(sizeAt);
    visit(value.toString("utf8", at + TEXT_BYTES, sizeAt), start, end);
    at = end;
  }
}

function afterText(value: Buffer, at: number): number {
  return at + TEXT_BYTES + value.readUInt16LE(at);
}

/** Writes what stands in `text` from character `from` on; returns where it ends. */
function writeText(value: Buffer, at: number, text: string, from: number): number {
  const start = at + TEXT_BYTES;
  let to = start;
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) {
      to = start + value.write(text.slice(from), start);
      break;
    }
    value[to++] = code;
  }
  value.writeUInt16LE(to - start, at);
  return to;
}
