/**
 * What happens to each connection, as a seed has it: after how many bytes it breaks, how, and how its bytes travel.
 *
 * The same seed gives the same fates in the same order. Where exactly a fate strikes also depends on what is sent.
 */
import type { Faults } from "../transports/faulty.ts";
import { type Random, randomInteger, seededRandom } from "../transports/random.ts";

/** How a connection ends. */
export type Ending =
  /** Both ends are reset, as by a router that forgot them. */
  | "reset"
  /** Both ends are closed in order, between any two bytes. */
  | "close"
  /** The near end is reset, the far one never learns of it: it is half open until the next one takes over. */
  | "near"
  /** The far end is reset, the near one never learns of it. */
  | "far"
  /** Neither learns of it: the cable of a switch was pulled. */
  | "silent";

export interface Fate {
  /** The connection breaks once so many bytes were carried, both ways together. */
  bytes: number;
  /** At exactly that byte, or within the next chunk of one way: its answers are few, and would hardly ever be cut. */
  way: "any" | "up" | "down";
  /** Where in that chunk, 0…1. */
  position: number;
  ending: Ending;
  up: Faults;
  down: Faults;
}

/** Those that only a timer of the other side finds are few: each costs a second and more. */
const endings: readonly (readonly [Ending, number])[] = [
  ["reset", 0.48],
  ["close", 0.3],
  ["near", 0.2],
  ["far", 0.01],
  ["silent", 0.01],
];
const ways = ["any", "any", "up", "down"] as const;
/** Of the connections, how many are cut into small chunks, and how many are slow. */
const CHUNKED = 0.3;
const SLOW = 0.2;
const chunkSizes = [1, 16, 64, 256, 536];
const MOST_DELAY_MS = 8;
/** A connection that cannot carry a handshake and a packet makes no progress: this one now and then can. */
const LEAST_MEAN_BYTES = 250;

export class FaultPlan {
  /** Mean bytes of a connection until it breaks; Infinity: none does. */
  meanBytes: number;
  private readonly random: Random;

  constructor(
    readonly seed: number,
    meanBytes: number,
  ) {
    this.meanBytes = Math.max(LEAST_MEAN_BYTES, meanBytes);
    this.random = seededRandom(seed);
  }

  /** The fate of the next connection. */
  next(): Fate {
    const { random } = this;
    return {
      bytes: this.distance(),
      way: ways[randomInteger(random, 0, ways.length - 1)],
      position: random(),
      ending: drawEnding(random()),
      up: drawTravel(random),
      down: drawTravel(random),
    };
  }

  /** Exponential: as likely at any byte as at any other. */
  private distance(): number {
    const fraction = -Math.log(1 - this.random());
    return this.meanBytes === Number.POSITIVE_INFINITY
      ? this.meanBytes
      : Math.ceil(fraction * this.meanBytes);
  }
}

/** For a connection that nothing happens to. */
export const harmless: Fate = {
  bytes: Number.POSITIVE_INFINITY,
  way: "any",
  position: 0,
  ending: "close",
  up: { seed: 0 },
  down: { seed: 0 },
};

function drawEnding(at: number): Ending {
  let sum = 0;
  for (const [ending, share] of endings) {
    sum += share;
    if (at < sum) return ending;
  }
  return "reset";
}

/** Always the same number of draws, so that one fate does not move the next. */
function drawTravel(random: Random): Faults {
  const seed = randomInteger(random, 0, 0xffffffff);
  const isChunked = random() < CHUNKED;
  const size = chunkSizes[randomInteger(random, 0, chunkSizes.length - 1)];
  const isSlow = random() < SLOW;
  const most = random() * MOST_DELAY_MS;
  return {
    seed,
    ...(isChunked ? { maxChunkBytes: size } : {}),
    ...(isSlow ? { delayMs: [0, most] as const } : {}),
  };
}
