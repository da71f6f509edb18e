/** All that is drawn in one schedule, from its seed. */
import { type Random, randomInteger, seededRandom } from "../../host/transports/random.ts";

/** Makes these draws others than those of the virtual crypto, which have the same seed. */
const SALT = 0x5eed;

export class Chance {
  readonly random: Random;

  constructor(seed: number) {
    this.random = seededRandom(seed ^ SALT);
  }

  /** True as often as `p` says. */
  hits(p: number): boolean {
    return this.random() < p;
  }

  pick<T>(all: readonly T[]): T {
    return all[Math.floor(this.random() * all.length)];
  }

  integer(least: number, most: number): number {
    return randomInteger(this.random, least, most);
  }
}
