/** Chunks of a serial line into what stands between ENDs, each END with what it ends (session part 3). */
import { Slip } from "../../shared/link/frame.ts";
import { concatBytes } from "./plain-bytes.ts";

/** No frame of ours is longer, every byte escaped; noise may be. */
const MAX_BYTES = 4096;

/** What an END ended, or noise without one. */
export interface Segment {
  bytes: Uint8Array;
  /** Where in it the line was silent so long that what was before may have been given up; 0 for nowhere. */
  silentAt: number;
}

export class FrameSplitter {
  private rest: Uint8Array = new Uint8Array(0);
  private silentAt = 0;

  /** `timeoutMs`: the silence after which a partial frame is given up. `partial`: what is there, heard at `heardAt`. */
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

  push(chunk: Uint8Array, t: number): Segment[] {
    const segments: Segment[] = [];
    if (t - this.heardAt >= this.timeoutMs) this.silentAt = this.rest.length;
    this.heardAt = t;
    let all = this.rest.length === 0 ? chunk : concatBytes(this.rest, chunk);
    for (let end = all.indexOf(Slip.END); end >= 0; end = all.indexOf(Slip.END)) {
      // Empty frames are ignored: an END alone parts a frame from noise.
      if (end > 0) segments.push(this.segment(all.slice(0, end + 1)));
      this.silentAt = 0;
      all = all.subarray(end + 1);
    }
    for (; all.length > MAX_BYTES; all = all.subarray(MAX_BYTES))
      segments.push(this.segment(all.slice(0, MAX_BYTES)));
    this.rest = all.slice();
    return segments;
  }

  /** Gives up what has no END. */
  end(): Segment[] {
    const { rest } = this;
    this.rest = new Uint8Array(0);
    return rest.length === 0 ? [] : [this.segment(rest)];
  }

  private segment(bytes: Uint8Array): Segment {
    const { silentAt } = this;
    this.silentAt = 0;
    return { bytes, silentAt };
  }
}
