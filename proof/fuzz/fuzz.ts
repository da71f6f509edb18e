/** Streams through decoders: nothing is thrown, every stream ends in a state that is allowed, and the heap stays flat. */
import { Disproof, hold, type Proof } from "../proof.ts";
import { heldBytes } from "./heap.ts";
import { StreamSource } from "./stream-source.ts";

export interface FuzzTarget {
  name: string;
  /** How many of the proof's streams are its: a weight. */
  weight: number;
  /** Makes one stream in `source` and reads it; throws a Disproof when its end is not defined. */
  feed(source: StreamSource): void;
}

/** users F1 */
const FLAT_BYTES = 5 << 20;
/** So many times the heap is looked at, the first time when all is warm. */
const LOOKS = 8;

export function fuzzProof(
  name: string,
  promise: string,
  streams: number,
  targets: readonly FuzzTarget[],
): Proof {
  const weights = targets.reduce((sum, { weight }) => sum + weight, 0);
  return {
    name,
    promise,
    unit: "streams",
    scale: streams,
    run(seed, scale) {
      const figures = targets.map((target, i) => {
        const count = Math.ceil((scale * target.weight) / weights);
        const grown = fuzz(target, new StreamSource(seed + i), count);
        return `${target.name} ${count} (heap ${(grown / 1024).toFixed(0)} KiB)`;
      });
      return figures.join(", ");
    },
  };
}

/** Feeds `count` streams; returns by how much the heap moved at most, bytes. */
function fuzz(target: FuzzTarget, source: StreamSource, count: number): number {
  let [first, moved] = [0, 0];
  for (let look = 0; look <= LOOKS; look++) {
    feed(target, source, Math.ceil(count / (LOOKS + 1)));
    const held = heldBytes();
    if (look === 0) first = held;
    if (Math.abs(held - first) > Math.abs(moved)) moved = held - first;
  }
  hold(Math.abs(moved) <= FLAT_BYTES, `${target.name}: the heap moved by ${moved} bytes`);
  return moved;
}

function feed(target: FuzzTarget, source: StreamSource, count: number): void {
  for (let i = 0; i < count; i++) {
    try {
      target.feed(source);
    } catch (error) {
      const text = error instanceof Disproof ? error.message : `it threw ${(error as Error).stack}`;
      throw new Disproof(`${target.name}: ${text}\n  stream: ${source.hex}`);
    }
  }
}
