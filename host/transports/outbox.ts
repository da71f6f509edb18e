/** Gathers what leaves in one turn of the event loop into one write, and says when the transport takes no more. */
import type { Transport } from "./transport.ts";

/**
 * A transport that hands bytes to the kernel at once is done with them when write() returns. So one slab, lent for the
 * turn, serves all such connections, and an idle one holds none. It grows to the most that a peer has unacknowledged.
 */
const SHARED_SLAB_BYTES = 262_144;
/** Slabs of other transports are handed over piece by piece and never written twice; all grow with the traffic. */
const FIRST_SLAB_BYTES = 512;
const LARGEST_SLAB_BYTES = 65_536;

const NO_SLAB: Buffer = Buffer.alloc(0);

/** The shared slab while nobody has it: of those given back the largest, so that who finds it lent makes a small one. */
let shared: Buffer | null = null;

export class Outbox {
  private slab: Buffer = NO_SLAB;
  private start = 0;
  private end = 0;
  /** The transport had sent the last write when it returned. */
  private isPrompt: boolean;
  /** Hears each chunk that is written; null while nobody listens. */
  onWrite: ((chunk: Uint8Array) => void) | null = null;

  constructor(private readonly transport: Transport) {
    this.isPrompt = transport.unsent === 0;
  }

  /** Bytes appended and not yet written. */
  get gathered(): number {
    return this.end - this.start;
  }

  /** Copies bytes[start…end). */
  append(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    if (this.end + size > this.slab.length) this.turn(size);
    if (size < 32) for (let i = 0; i < size; i++) this.slab[this.end + i] = bytes[start + i];
    else this.slab.set(bytes.subarray(start, end), this.end);
    this.end += size;
  }

  /** Writes what was gathered. False when the transport wants a pause. */
  flush(): boolean {
    if (this.end === this.start) return true;
    const chunk = this.slab.subarray(this.start, this.end);
    this.start = this.end;
    if (this.onWrite !== null) this.onWrite(chunk);
    const wantsMore = this.transport.write(chunk);
    this.isPrompt = this.transport.unsent === 0;
    if (this.isPrompt) this.giveBack();
    return wantsMore;
  }

  /** A slab with room for `size` more bytes, beginning with what was gathered and not yet written. */
  private turn(size: number): void {
    const gathered = this.slab.subarray(this.start, this.end);
    const slab = this.takeSlab(gathered.length + size);
    slab.set(gathered);
    this.slab = slab;
    this.start = 0;
    this.end = gathered.length;
  }

  private takeSlab(size: number): Buffer {
    if (this.isPrompt && this.slab === NO_SLAB && shared !== null && size <= shared.length) {
      const slab = shared;
      shared = null;
      return slab;
    }
    const grown = Math.min(LARGEST_SLAB_BYTES, Math.max(FIRST_SLAB_BYTES, 2 * this.slab.length));
    // Above what is shared it would be made anew for every turn, and the kernel would find it new pages each time.
    const roomy = Math.min(2 * size, Math.max(size, SHARED_SLAB_BYTES));
    return Buffer.allocUnsafeSlow(Math.max(grown, roomy));
  }

  private giveBack(): void {
    const { length } = this.slab;
    if (length <= SHARED_SLAB_BYTES && length > (shared?.length ?? 0)) shared = this.slab;
    this.slab = NO_SLAB;
    this.start = 0;
    this.end = 0;
  }
}
