/**
 * Flash: pages that are erased to ff as a whole, and words of four bytes whose bits only ever go from 1 to 0.
 *
 * Each word written and each page erased is one operation; power may fail between any two of them, and what is there then
 * is what a real flash would hold: the words before the cut, and ff behind it.
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";

export const WORD = 4;

export interface FlashGeometry {
  pageBytes: number;
  pages: number;
}

/** Nothing reaches a flash without power; the board that was writing is dead already. */
export class PowerCut extends Error {
  constructor() {
    super("the power is cut");
  }
}

export class FlashMemory {
  /** Words written and pages erased since it was made. */
  operations = 0;
  /** Pages that were never written are not there: all ff. Boards are made by the hundred. */
  private readonly pages: (Uint8Array | undefined)[];
  private cutAt = Number.POSITIVE_INFINITY;
  private onCut: () => void = () => {};

  /** path: the file that keeps it, made if missing. */
  constructor(
    readonly geometry: FlashGeometry,
    private readonly path?: string,
  ) {
    this.pages = new Array(geometry.pages);
    if (path !== undefined) this.load(path);
  }

  get capacity(): number {
    return this.geometry.pages * this.geometry.pageBytes;
  }

  get isPowered(): boolean {
    return this.operations < this.cutAt;
  }

  /** Where the page of an address begins. */
  pageStart(address: number): number {
    return address - (address % this.geometry.pageBytes);
  }

  read(address: number, length: number): Uint8Array {
    this.check("read", address, length);
    const bytes = new Uint8Array(length);
    this.eachPage(address, length, (page, inPage, done, size) => {
      const content = this.pages[page];
      if (content) bytes.set(content.subarray(inPage, inPage + size), done);
      else bytes.fill(0xff, done, done + size);
    });
    return bytes;
  }

  isErased(address: number, length: number): boolean {
    this.check("read", address, length);
    let isErased = true;
    this.eachPage(address, length, (page, inPage, _, size) => {
      const content = this.pages[page];
      for (let i = inPage; content && isErased && i < inPage + size; i++) isErased = content[i] === 0xff;
    });
    return isErased;
  }

  /** Address and length in whole words. Throws PowerCut when the power fails on the way. */
  write(address: number, bytes: Uint8Array): void {
    this.check("write", address, bytes.length);
    if (address % WORD !== 0 || bytes.length % WORD !== 0)
      throw new RangeError(`write ${bytes.length} bytes at ${address}: whole words of ${WORD} bytes only`);
    const words = this.spend(bytes.length / WORD);
    this.eachPage(address, words * WORD, (page, inPage, done, size) => {
      const content = this.pages[page];
      if (content) for (let i = 0; i < size; i++) content[inPage + i] &= bytes[done + i];
      else {
        this.pages[page] = this.erased();
        this.pages[page].set(bytes.subarray(done, done + size), inPage);
      }
      this.save(page, inPage, size);
    });
    if (!this.isPowered) this.cut();
  }

  /** Erases the page that begins at an address. */
  erasePage(address: number): void {
    this.check("erase", address, this.geometry.pageBytes);
    if (this.spend(1) === 0) return this.cut();
    const page = address / this.geometry.pageBytes;
    if (this.pages[page]) {
      this.pages[page] = this.path === undefined ? undefined : this.erased();
      this.save(page, 0, this.geometry.pageBytes);
    }
    if (!this.isPowered) this.cut();
  }

  /** The power fails once so many more operations are done, whoever does them; onCut() is told at once. */
  cutPowerAfter(operations: number, onCut: () => void): void {
    this.cutAt = this.operations + operations;
    this.onCut = onCut;
  }

  restorePower(): void {
    this.cutAt = Number.POSITIVE_INFINITY;
    this.onCut = () => {};
  }

  private cut(): never {
    const tell = this.onCut;
    this.onCut = () => {};
    tell();
    throw new PowerCut();
  }

  /** How many of the operations still happen. */
  private spend(wanted: number): number {
    if (!this.isPowered) this.cut();
    const granted = Math.min(wanted, this.cutAt - this.operations);
    this.operations += granted;
    return granted;
  }

  private eachPage(
    address: number,
    length: number,
    visit: (page: number, inPage: number, done: number, size: number) => void,
  ): void {
    const { pageBytes } = this.geometry;
    for (let done = 0; done < length; ) {
      const inPage = (address + done) % pageBytes;
      const size = Math.min(length - done, pageBytes - inPage);
      visit(Math.floor((address + done) / pageBytes), inPage, done, size);
      done += size;
    }
  }

  private check(what: string, address: number, length: number): void {
    if (address < 0 || address + length > this.capacity)
      throw new RangeError(`${what} ${length} bytes at ${address}: the flash has ${this.capacity}`);
  }

  private erased(): Uint8Array {
    return new Uint8Array(this.geometry.pageBytes).fill(0xff);
  }

  private load(path: string): void {
    const file = openSync(path, "a+");
    const image = Buffer.alloc(this.capacity, 0xff);
    readSync(file, image, 0, image.length, 0);
    closeSync(file);
    const { pageBytes } = this.geometry;
    for (let page = 0; page < this.pages.length; page++) {
      const content = image.subarray(page * pageBytes, (page + 1) * pageBytes);
      if (content.some((byte) => byte !== 0xff)) this.pages[page] = Uint8Array.from(content);
    }
  }

  /** Written at once, as a flash is: the process may be killed. */
  private save(page: number, inPage: number, size: number): void {
    const content = this.pages[page];
    if (this.path === undefined || content === undefined) return;
    const file = openSync(this.path, "r+");
    writeSync(file, content, inPage, size, page * this.geometry.pageBytes + inPage);
    closeSync(file);
  }
}
