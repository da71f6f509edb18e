/**
 * Whose turn it is (iotgw §9): lane 0 always, the others by deficit round robin, so that of a line that is full they
 * have 8, 4 and 1 parts of the bytes.
 */
import { LANES } from "./packet.ts";

const WEIGHTS = [0, 8, 4, 1];
/** Bytes for each part of a round: small, so that shares are kept over a few packets already. */
const QUANTUM = 128;

export class LaneTurns {
  private readonly deficits = [0, 0, 0, 0];
  private lane = 1;

  /** The lane whose next frame goes, of those with one: `sizes` in bytes, 0 for none. -1: no lane has one. */
  pick(sizes: ArrayLike<number>): number {
    if (sizes[0] > 0) return 0;
    const sum = sizes[1] + sizes[2] + sizes[3];
    if (sum === 0) return -1;
    const { deficits } = this;
    for (;;) {
      const { lane } = this;
      // A lane with nothing to send saves nothing up.
      if (sizes[lane] === 0) deficits[lane] = 0;
      else if (deficits[lane] >= sizes[lane]) return lane;
      // One that has the line for itself needs no rounds.
      else if (sizes[lane] === sum) {
        deficits[lane] = sum;
        return lane;
      }
      this.lane = lane === LANES - 1 ? 1 : lane + 1;
      deficits[this.lane] += WEIGHTS[this.lane] * QUANTUM;
    }
  }

  /** So many bytes of that lane went. */
  spend(lane: number, bytes: number): void {
    if (lane > 0) this.deficits[lane] -= bytes;
  }
}
