/** Gathers what leaves in one turn of the event loop into one write, and says when the transport takes no more. */
import type { Transport } from "../transports/transport.ts";

/** Slabs are handed to the transport piece by piece and never written twice; they grow with the traffic. */
const FIRST_SLAB_BYTES = 512;
const LARGEST_SLAB_BYTES = 65536;

export class Outbox {
  private slab = new Uint8Array(0);
  private start = 0;
  private end = 0;

  constructor(private readonly transport: Transport) {}

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
    return this.transport.write(chunk);
  }

  /** A slab with room for `size` more bytes, beginning with what was gathered and not yet written. */
  private turn(size: number): void {
    const gathered = this.slab.subarray(this.start, this.end);
    const grown = Math.min(LARGEST_SLAB_BYTES, Math.max(FIRST_SLAB_BYTES, 2 * this.slab.length));
    const slab = new Uint8Array(Math.max(grown, 2 * (gathered.length + size)));
    slab.set(gathered);
    this.slab = slab;
    this.start = 0;
    this.end = gathered.length;
  }
}
