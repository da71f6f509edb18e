/** Fuzzing what is read of components (MoniQue, users F1): tags, bodies, data, their configurations, and bombs. */
import { fuzzProof } from "./fuzz/fuzz.ts";
import { throwMoniqueBombs, timeMoniqueWorks } from "./fuzz/monique-bombs.ts";
import { configTarget, dataTarget, messageTarget, seen, tagTarget } from "./fuzz/monique-targets.ts";
import { hold, type Proof } from "./proof.ts";

const messages = fuzzProof("", "", 100_000, [tagTarget, messageTarget, dataTarget, configTarget]);

export const moniqueFuzz: Proof = {
  name: "monique-fuzz",
  promise: "whatever a component says is a message or a fault; what is passed on, others can read",
  unit: "messages",
  scale: messages.scale,
  async run(seed, scale) {
    const figures = await messages.run(seed, scale);
    // A third of what runs come to: it must not be the first look that refuses everything.
    for (const [what, count] of Object.entries(seen))
      hold(count > scale / 500, () => `of ${scale} messages ${count} ${what} were taken`);
    const taken = Object.entries(seen).map(([what, count]) => `${count} ${what}`);
    const [bombs, works] = [throwMoniqueBombs(), timeMoniqueWorks()];
    return `${figures}; taken ${taken.join(", ")}; ${bombs} bombs, ${works} works linear`;
  },
};
