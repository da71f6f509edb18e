/** Bytes on their way in one direction: they wait in order and are taken in pieces of any size. */

const FIRST_BYTES = 4096;

export class Lane {
  private bytes = new Uint8Array(FIRST_BYTES);
  private start = 0;
  private end = 0;

  get size(): number {
    return this.end - this.start;
  }

  /** Copies bytes[start…end). */
  put(bytes: Uint8Array, start: number, end: number): void {
    const more = end - start;
    if (this.end + more > this.bytes.length) this.makeRoom(more);
    this.bytes.set(bytes.subarray(start, end), this.end);
    this.end += more;
  }

  /** Lends the next bytes, at most `most`, to `hear`. */
  deliver(most: number, hear: (bytes: Uint8Array, start: number, end: number) => void): void {
    const start = this.start;
    const end = Math.min(this.end, start + most);
    if (start === end) return;
    this.start = end;
    hear(this.bytes, start, end);
  }

  clear(): void {
    this.start = this.end = 0;
  }

  private makeRoom(more: number): void {
    const waiting = this.size;
    const into =
      2 * (waiting + more) > this.bytes.length ? new Uint8Array(2 * (this.bytes.length + more)) : this.bytes;
    if (into === this.bytes) into.copyWithin(0, this.start, this.end);
    else into.set(this.bytes.subarray(this.start, this.end));
    this.bytes = into;
    this.start = 0;
    this.end = waiting;
  }
}
