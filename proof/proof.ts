/** One promise, and the program that holds it by trying to break it. */
import { BowlineError } from "../host/platform/errors.ts";

export interface Proof {
  /** As it is typed: `node dist/prove.mjs NAME`. */
  name: string;
  /** What holds, as a sentence. */
  promise: string;
  /** What the scale counts, and how much of it the suite does. */
  unit: string;
  scale: number;
  /** Returns what was done, in figures; throws a Disproof. */
  run(seed: number, scale: number): string | Promise<string>;
}

/** The promise does not hold, or the attempt did not do what it was to do. */
export class Disproof extends Error {
  override readonly name = "Disproof";
}

export function hold(isTrue: boolean, what: string | (() => string)): asserts isTrue {
  if (!isTrue) throw new Disproof(typeof what === "string" ? what : what());
}

/** The line that replays a run. */
function commandOf({ name }: Proof, seed: number, scale: number): string {
  return `node dist/prove.mjs ${name} --seed ${seed} --scale ${scale}`;
}

/** Runs it and gives one line for people: figures, time, and the command that repeats it. A Disproof names that too. */
export async function prove(proof: Proof, seed = 1, scale = proof.scale): Promise<string> {
  const begin = performance.now();
  try {
    const figures = await proof.run(seed, scale);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    return `${proof.name}: ${figures}; ${seconds} s; ${commandOf(proof, seed, scale)}`;
  } catch (error) {
    // One that says what is needed first is no outcome that could be repeated.
    if (error instanceof Error && !(error instanceof BowlineError))
      error.message += `\n  again: ${commandOf(proof, seed, scale)}`;
    throw error;
  }
}
