/** How long a line gets with one more Datum, without writing it: what all of them share stands once, in the Object. */
import type { Prepared } from "./prepare.ts";

export class GroupSize {
  hasSrc = true;
  hasDst = true;
  private count = 1;
  private rests: number;
  private srcs: number;
  private dsts: number;
  private empty: number;

  constructor(
    private readonly first: Prepared,
    private readonly around: number,
  ) {
    this.rests = first.rest.length;
    this.srcs = first.src.length;
    this.dsts = first.dst.length;
    this.empty = first.rest === "" ? 1 : 0;
  }

  get bytes(): number {
    const { count, hasSrc, hasDst, first } = this;
    const braces = 2 * count + (count === 1 ? 0 : count + 1);
    const addresses = (hasSrc ? first.src.length : this.srcs) + (hasDst ? first.dst.length : this.dsts);
    // The first field of a Datum has no comma before it.
    const commas = hasSrc && hasDst ? 0 : this.empty;
    return this.around + this.rests + braces + addresses - commas;
  }

  /** Whether there was room for it; without, nothing has changed. */
  add({ rest, src, dst }: Prepared, room: number): boolean {
    const before = [this.hasSrc, this.hasDst];
    this.change(1, rest, src, dst);
    this.hasSrc &&= src === this.first.src;
    this.hasDst &&= dst === this.first.dst;
    if (this.bytes <= room) return true;
    this.change(-1, rest, src, dst);
    [this.hasSrc, this.hasDst] = before;
    return false;
  }

  private change(by: 1 | -1, rest: string, src: string, dst: string): void {
    this.count += by;
    this.rests += by * rest.length;
    this.srcs += by * src.length;
    this.dsts += by * dst.length;
    if (rest === "") this.empty += by;
  }
}
