/** What a run of bytes in a frame or a message says. */

export interface Field {
  /** Where it stands in the bytes of its piece. */
  start: number;
  end: number;
  /** As the documents call it: `seq`, `packetSize`. */
  name: string;
  meaning: string;
}

/** Names one field after the other, so that between two there is never a byte. */
export class FieldWriter {
  readonly fields: Field[] = [];
  private at: number;

  /** `placeOf`: where the byte of this number stands in the piece; of a frame that is behind what was escaped before it. */
  constructor(
    start = 0,
    private readonly placeOf: (at: number) => number = (at) => at,
  ) {
    this.at = start;
  }

  /** The next byte that has no field yet. */
  get next(): number {
    return this.at;
  }

  /** Of the next `size` bytes; of none there is no field. */
  add(size: number, name: string, meaning: string): void {
    if (size <= 0) return;
    const [start, end] = [this.placeOf(this.at), this.placeOf(this.at + size)];
    this.at += size;
    this.fields.push({ start, end, name, meaning });
  }
}
