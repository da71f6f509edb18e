/** Chunks of a serial line into what stands between ENDs, each END with what it ends (session part 3). */
import { Slip } from "../../../shared/link/frame.ts";

/** No frame of ours is longer, every byte escaped; noise may be. */
const MAX_BYTES = 4096;

export class FrameSplitter {
  private rest: Uint8Array = new Uint8Array(0);

  /**
   * `timeoutMs`: silence after which a piece without its END is given up; Infinity for a side that writes whole frames.
   * `partial`: what was there before, heard at `heardAt`.
   */
  constructor(
    private readonly timeoutMs: number,
    partial: Uint8Array,
    private heardAt: number,
  ) {
    this.rest = partial;
  }

  /** What has no END yet. */
  get partial(): Uint8Array {
    return this.rest;
  }

  /** Every piece that became whole or is given up: with an END it may be a frame, without one it is noise. */
  push(chunk: Uint8Array, t: number): Uint8Array[] {
    const pieces = t - this.heardAt >= this.timeoutMs ? this.end() : [];
    this.heardAt = t;
    let all = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    for (let end = all.indexOf(Slip.END); end >= 0; end = all.indexOf(Slip.END)) {
      // Empty frames are ignored: an END alone parts a frame from noise.
      if (end > 0) pieces.push(all.slice(0, end + 1));
      all = all.subarray(end + 1);
    }
    for (; all.length > MAX_BYTES; all = all.subarray(MAX_BYTES)) pieces.push(all.slice(0, MAX_BYTES));
    this.rest = all.slice();
    return pieces;
  }

  /** Gives up what has no END. */
  end(): Uint8Array[] {
    const { rest } = this;
    this.rest = new Uint8Array(0);
    return rest.length === 0 ? [] : [rest];
  }
}
