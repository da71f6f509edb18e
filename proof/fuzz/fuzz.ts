/** Streams through decoders: nothing is thrown, every stream ends in a state that is allowed, and the heap stays flat. */
import { setImmediate } from "node:timers/promises";
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
/** After so many streams the event loop turns: only then native code lets go of what it held for an object that is gone. */
const TURN_STREAMS = 1000;

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
    async run(seed, scale) {
      const figures: string[] = [];
      for (const [i, target] of targets.entries()) {
        const count = Math.ceil((scale * target.weight) / weights);
        const grown = await fuzz(target, new StreamSource(seed + i), count);
        figures.push(`${target.name} ${count} (heap ${(grown / 1024).toFixed(0)} KiB)`);
      }
      return figures.join(", ");
    },
  };
}

/** Feeds `count` streams; returns by how much the heap moved at most, bytes. */
async function fuzz(target: FuzzTarget, source: StreamSource, count: number): Promise<number> {
  let [first, moved] = [0, 0];
  for (let look = 0; look <= LOOKS; look++) {
    await feed(target, source, Math.ceil(count / (LOOKS + 1)));
    heldBytes(); // finds what native code is to let go of
    await setImmediate();
    const held = heldBytes();
    if (look === 0) first = held;
    if (Math.abs(held - first) > Math.abs(moved)) moved = held - first;
  }
  hold(Math.abs(moved) <= FLAT_BYTES, `${target.name}: the heap moved by ${moved} bytes`);
  return moved;
}

async function feed(target: FuzzTarget, source: StreamSource, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    if (i % TURN_STREAMS === 0) await setImmediate();
    try {
      target.feed(source);
    } catch (error) {
      const text = error instanceof Disproof ? error.message : `it threw ${(error as Error).stack}`;
      throw new Disproof(`${target.name}: ${text}\n  stream: ${source.hex}`);
    }
  }
}
