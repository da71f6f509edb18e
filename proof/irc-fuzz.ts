/** Fuzzing what is read of strangers on IRC (users F1, F7), and the bombs that are known. */
import { fuzzProof } from "./fuzz/fuzz.ts";
import { throwBombs, timeWorks } from "./fuzz/irc-bombs.ts";
import { lineTarget, seen } from "./fuzz/irc-lines.ts";
import { hold, type Proof } from "./proof.ts";

const lines = fuzzProof("", "", 100_000, [lineTarget]);

export const ircFuzz: Proof = {
  name: "irc-fuzz",
  promise:
    "any line of a stranger is a Container or a fault: nothing is thrown, time is linear, memory bounded",
  unit: "lines",
  scale: lines.scale,
  async run(seed, scale) {
    const figures = await lines.run(seed, scale);
    // A third of what runs come to: it must not be the first look that refuses everything.
    hold(seen.taken > seen.lines / 5, () => `${seen.taken} of ${seen.lines} lines were taken`);
    hold(seen.rebuilt > seen.lines / 400, () => `${seen.rebuilt} Datums of ${seen.lines} lines were rebuilt`);
    const [bombs, works] = [throwBombs(), timeWorks()];
    return `${figures}, ${seen.taken} taken, ${seen.rebuilt} Datums rebuilt; ${bombs} bombs, ${works} works linear`;
  },
};
