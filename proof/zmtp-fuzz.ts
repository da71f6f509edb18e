/** Fuzzing what is read of whoever connects to the ports of components (users F1). */
import { fuzzProof } from "./fuzz/fuzz.ts";
import { seen, zmtpServerTarget, zmtpTarget } from "./fuzz/zmtp-target.ts";
import { hold, type Proof } from "./proof.ts";

const streams = fuzzProof("", "", 100_000, [zmtpTarget, zmtpServerTarget]);

export const zmtpFuzz: Proof = {
  name: "zmtp-fuzz",
  promise:
    "any bytes at a port of components are what their naive twin reads or a fault: nothing is thrown, memory bounded",
  unit: "streams",
  scale: streams.scale,
  async run(seed, scale) {
    const figures = await streams.run(seed, scale);
    const { messages, commands, faults, published } = seen;
    // Half of what runs come to: it must not be the first look that refuses everything.
    const least = Math.min(messages, commands, faults, published * 10);
    hold(least > seen.streams / 5, () => `too few of one sort: ${JSON.stringify(seen)}`);
    return `${figures}, ${messages} messages, ${commands} commands, ${faults} faults, ${published} published`;
  },
};
