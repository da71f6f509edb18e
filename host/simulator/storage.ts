/**
 * The files of a board's flash, as Espruino lays them out and finds them again after a power cut.
 *
 * flash:  { size:4 name:28 content:~ padding:~ }…     size little-endian, flags in its upper byte; padded to words
 *
 * A file is never changed: overwriting one erases its header's name, then writes a new header, then the content (espruino
 * §4.5). What was replaced stays as trash until there is no room.
 */
import { compact } from "./compaction.ts";
import { type FlashMemory, WORD } from "./flash-memory.ts";

const HEADER_BYTES = 32;
const SIZE_BYTES = 4;
const NAME_BYTES = 28;
const UNSET = 0xffffffff;
/** Upper byte of the size of what is a file for list(): plain, made by open(), compressed. Others are dropped by compaction. */
const FILE_FLAGS = [0, 64, 128];

interface Header {
  address: number;
  size: number;
  flags: number;
  /** 28 bytes, as a byte string. */
  name: string;
  /** The first four bytes of its name are 0: erased, or replaced by another. */
  isTrash: boolean;
}

export interface StorageStats {
  totalBytes: number;
  freeBytes: number;
  fileBytes: number;
  fileCount: number;
  trashBytes: number;
  trashCount: number;
}

export class FlashStorage {
  constructor(
    readonly memory: FlashMemory,
    /** What is printed when room must be made. */
    private readonly onCompacting: () => void = () => {},
  ) {}

  /** The bytes of a file, as many as there are of those that are wanted, or undefined. */
  read(name: string, offset = 0, length = Number.POSITIVE_INFINITY): Uint8Array | undefined {
    const header = this.find(name);
    if (header === undefined) return undefined;
    const start = Math.min(Math.max(offset, 0), header.size);
    return this.memory.read(header.address + HEADER_BYTES + start, Math.min(length, header.size - start));
  }

  /**
   * Writes a part of a file; at offset 0 a new file of `size` bytes, of as many as there are data for 0. Throws with the
   * board's words when it cannot be: no room, no such file, past its size, over bytes that are written already.
   */
  write(name: string, data: Uint8Array, offset = 0, size = 0): void {
    const wanted = size || data.length;
    if (wanted === 0) throw new Error("Can't create zero length file");
    let header = this.find(name);
    if (offset === 0 && (header === undefined || !this.isFresh(header, wanted))) {
      if (header !== undefined && this.holds(header, data, wanted)) return;
      if (header !== undefined) this.trash(header);
      header = this.create(name, wanted);
    }
    if (header === undefined) throw new Error("Unable to find or create file");
    if (offset + data.length > header.size) throw new Error("Too much data for file size");
    const address = header.address + HEADER_BYTES + offset;
    // Also when they are the same: unlike what the documentation says.
    if (!this.memory.isErased(address, data.length))
      throw new Error("File already written with different data");
    this.writeBytes(address, data);
  }

  /** False: there was none. */
  erase(name: string): boolean {
    const header = this.find(name);
    if (header !== undefined) this.trash(header);
    return header !== undefined;
  }

  eraseAll(): void {
    const { pageBytes } = this.memory.geometry;
    for (let page = 0; page < this.memory.capacity; page += pageBytes) this.memory.erasePage(page);
  }

  /** Names, in the order of their places. */
  list(): string[] {
    return [...this.headers()].filter(isFile).map(({ name }) => name.replace(/\0.*$/s, ""));
  }

  stats(): StorageStats {
    const count = { fileBytes: 0, fileCount: 0, trashBytes: 0, trashCount: 0 };
    let end = 0;
    for (const header of this.headers()) {
      end = endOf(header);
      count[header.isTrash ? "trashBytes" : "fileBytes"] += end - header.address;
      count[header.isTrash ? "trashCount" : "fileCount"]++;
    }
    const { capacity } = this.memory;
    return { totalBytes: capacity, freeBytes: capacity - end, ...count };
  }

  /** False: there was no trash. */
  compact(): boolean {
    const headers = [...this.headers()];
    const trash = headers.find(({ isTrash }) => isTrash);
    if (trash === undefined) return false;
    const start = headers
      .filter(({ address }) => address <= trash.address && address === this.memory.pageStart(address))
      .reduce((last, { address }) => Math.max(last, address), 0);
    this.onCompacting();
    const files = headers
      .filter((header) => header.address >= start && isFile(header))
      .map((header) => ({ address: header.address, length: endOf(header) - header.address }));
    compact(this.memory, { start, files, end: endOf(headers.at(-1) as Header) });
    return true;
  }

  private find(name: string): Header | undefined {
    const wanted = nameBytes(name);
    for (const header of this.headers()) if (header.name === wanted && !header.isTrash) return header;
    return undefined;
  }

  /** Where no header is, the next page may begin with one. */
  private *headers(): Generator<Header> {
    let header = this.headerAt(0);
    while (header !== undefined) {
      yield header;
      const next = endOf(header);
      header = this.headerAt(next) ?? this.headerAt(this.nextPage(next));
    }
  }

  private headerAt(address: number): Header | undefined {
    const { memory } = this;
    if (address + HEADER_BYTES > memory.capacity) return undefined;
    const bytes = Buffer.from(memory.read(address, HEADER_BYTES));
    const word = bytes.readUInt32LE(0);
    const size = word & 0xffffff;
    if (word === UNSET || word === 0 || address + HEADER_BYTES + size > memory.capacity) return undefined;
    const name = bytes.toString("latin1", SIZE_BYTES);
    return { address, size, flags: word >>> 24, name, isTrash: name.startsWith("\0\0\0\0") };
  }

  /** Nothing was written into it yet. */
  private isFresh({ address, size, flags }: Header, wanted: number): boolean {
    return size === wanted && flags === 0 && this.memory.isErased(address + HEADER_BYTES, size);
  }

  private holds({ address, size, flags }: Header, data: Uint8Array, wanted: number): boolean {
    if (size !== wanted || flags !== 0 || data.length !== size) return false;
    return Buffer.compare(this.memory.read(address + HEADER_BYTES, size), data) === 0;
  }

  private trash({ address }: Header): void {
    this.memory.write(address + SIZE_BYTES, new Uint8Array(WORD));
  }

  private create(name: string, size: number): Header | undefined {
    const required = aligned(size) + HEADER_BYTES;
    const hole = this.findHole(required) ?? this.holeAfterCompaction(required);
    if (hole === undefined) return undefined;
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(size, 0);
    header.write(nameBytes(name), SIZE_BYTES, "latin1");
    this.memory.write(hole, header);
    return this.headerAt(hole);
  }

  private holeAfterCompaction(required: number): number | undefined {
    const { freeBytes, trashBytes } = this.stats();
    if (required >= freeBytes + trashBytes || !this.compact()) return undefined;
    return this.findHole(required);
  }

  /** Behind the last file, or behind one whose page is empty from there on. */
  private findHole(required: number): number | undefined {
    for (let page = 0; page < this.memory.capacity; ) {
      let end = page;
      for (let header = this.headerAt(page); header !== undefined; header = this.headerAt(end))
        end = endOf(header);
      if (end >= this.memory.capacity) return undefined;
      const next = this.nextPage(end);
      const limit = this.headerAt(next) === undefined ? this.memory.capacity : next;
      if (limit - end >= required) return end;
      page = next;
    }
    return undefined;
  }

  private nextPage(address: number): number {
    return this.memory.pageStart(address) + this.memory.geometry.pageBytes;
  }

  /** Any place and length: the rest of a word is written as it is. */
  private writeBytes(address: number, data: Uint8Array): void {
    const start = address - (address % WORD);
    const words = this.memory.read(start, aligned(address + data.length) - start);
    words.set(data, address - start);
    this.memory.write(start, words);
  }
}

function isFile({ isTrash, flags }: Header): boolean {
  return !isTrash && FILE_FLAGS.includes(flags);
}

function endOf({ address, size }: Header): number {
  return aligned(address + HEADER_BYTES + size);
}

function aligned(length: number): number {
  return Math.ceil(length / WORD) * WORD;
}

/** Longer names are cut, silently. */
function nameBytes(name: string): string {
  return name.slice(0, NAME_BYTES).padEnd(NAME_BYTES, "\0");
}
