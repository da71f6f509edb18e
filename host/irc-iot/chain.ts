/** The fragments of one Datum: what is there of its encoded text, and what is missing. */
import { type Fault, FaultCode } from "./fault-code.ts";

/** Bytes that the first fragment gets: enough for most Datums, so that few chains grow. */
const FIRST_BYTES = 2048;
/** Where fragments began and ended is remembered of as many, to say of a conflict what it was. */
const MOST_SPANS = 4096;
const notAscii: Fault = { code: FaultCode.INVALID_MESSAGE, reason: "fragment: not ASCII, as all bases are" };

/**
 * The text's bytes, 0 where nothing came yet: no character of any base is 0. It grows with what arrives, never with what was
 * announced; `bc` was looked at before.
 */
export class Chain {
  received = 0;
  private text: Buffer = Buffer.alloc(0);
  /** Where the fragment ends that reaches farthest. */
  private end = 0;
  private readonly spans: number[] = [];

  constructor(readonly bc: number) {}

  get bytes(): number {
    return this.text.length;
  }

  get isComplete(): boolean {
    return this.received === this.bc;
  }

  /** The first character that is missing. */
  get firstMissing(): number {
    const hole = this.text.indexOf(0);
    return hole >= 0 ? hole : this.text.length;
  }

  /** The end of the last stretch that is missing. */
  get missingEnd(): number {
    return this.text.length < this.bc ? this.bc : this.text.lastIndexOf(0) + 1;
  }

  /** The whole text, once it is complete. */
  get encoded(): Uint8Array {
    return this.text.subarray(0, this.bc);
  }

  /**
   * Puts a fragment in its place: what came first stays, what repeats it is taken (the reference's fragments overlap). A
   * Fault: it says something else, or is no ASCII, of which all bases are. `part` lies within `bc`.
   */
  put(bp: number, part: string): Fault | null {
    const end = bp + part.length;
    if (end > this.text.length) this.grow(end);
    const added = bp >= this.end ? this.write(bp, part) : this.merge(bp, part);
    if (typeof added !== "number") return added;
    this.received += added;
    if (end > this.end) this.end = end;
    if (added > 0 && this.spans.length < 2 * MOST_SPANS) this.spans.push(bp, end);
    return null;
  }

  /** Behind all that came, as fragments in order are. */
  private write(bp: number, part: string): number | Fault {
    if (Buffer.byteLength(part) !== part.length) return notAscii;
    this.text.write(part, bp, "latin1");
    const hole = this.text.indexOf(0, bp);
    return hole >= 0 && hole < bp + part.length ? notAscii : part.length;
  }

  private merge(bp: number, part: string): number | Fault {
    const { text } = this;
    let added = 0;
    for (let i = 0; i < part.length; i++) {
      const c = part.charCodeAt(i);
      if (c === 0 || c > 0x7f) return notAscii;
      const old = text[bp + i];
      if (old === c) continue;
      if (old !== 0) return this.conflict(bp, bp + part.length);
      text[bp + i] = c;
      added++;
    }
    return added;
  }

  /** Whether a fragment repeats what is there. */
  repeats(bp: number, part: string): boolean {
    return this.text.toString("latin1", bp, bp + part.length) === part;
  }

  private grow(end: number): void {
    let size = Math.max(FIRST_BYTES, this.text.length);
    while (size < end) size *= 2;
    const grown = Buffer.alloc(Math.min(size, this.bc));
    this.text.copy(grown);
    this.text = grown;
  }

  private conflict(bp: number, end: number): Fault {
    for (let i = 0; i < this.spans.length; i += 2)
      if (this.spans[i] === bp && this.spans[i + 1] === end)
        return { code: FaultCode.FRAGMENT_MISMATCH, reason: `fragment: another text for ${bp} to ${end}` };
    return { code: FaultCode.OVERLAP_MISMATCH, reason: `fragment: another text within ${bp} to ${end}` };
  }
}
