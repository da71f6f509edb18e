/** setInvalid() against the writer, in two threads over shared memory (iotgw R8.1, P-claim). */
import { hold, type Proof } from "./proof.ts";
import { buildRace } from "./queue/build.ts";
import type { RaceCounts } from "./queue/race.ts";

/** The same claim in two steps. */
const inTwoSteps = {
  file: "host/queue/claim-words.ts",
  find: "  return Atomics.compareExchange(words, index, expected, wordOf(life, to)) === expected;",
  put: "  if (Atomics.load(words, index) !== expected) return false;\n  Atomics.store(words, index, wordOf(life, to));\n  return true;",
};

/** Races of a fifth of the size, until one shows the fault. */
const TRIES = 5;

export const queueClaims: Proof = {
  name: "queue-claims",
  promise: "of who withdraws a packet and who writes it exactly one wins, whatever threads they are on",
  unit: "packets",
  scale: 100_000,
  async run(seed, scale) {
    const sound = await (await buildRace([]))(seed, scale);
    hold(sound.undecided === 0, `${sound.undecided} packets were won by both threads, or by none`);
    hold(isRace(sound), `no race: ${figures(sound)}`);
    const raceInTwoSteps = await buildRace([inTwoSteps]);
    let undecided = 0;
    // Where other programs leave the two threads little time together, it takes longer.
    for (let i = 0; i < TRIES && undecided === 0; i++)
      undecided = (await raceInTwoSteps(seed + i, Math.ceil(scale / TRIES))).undecided;
    hold(undecided > 0, "a claim in two steps is not found");
    return `${figures(sound)}; with a claim in two steps both won ${undecided}`;
  },
};

/** Each thread was the faster one for a good part. */
const isRace = ({ written, withdrawn }: RaceCounts) =>
  Math.min(written, withdrawn) * 100 >= written + withdrawn;

const figures = ({ written, withdrawn }: RaceCounts) => `${written} packets written, ${withdrawn} withdrawn`;
