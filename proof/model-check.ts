/** The real session code in every state that a few packets, cuts and ticks can bring it into (users S9). */
import { search } from "./model/search.ts";
import type { Proof } from "./proof.ts";

const CUTS = 2;

export const modelCheck: Proof = {
  name: "model-check",
  promise:
    "whatever the order of deliveries, commits, ticks and two cuts, nothing breaks and all ends delivered",
  unit: "packets of both sides together",
  scale: 3,
  run(_seed, scale) {
    let [states, steps] = [0, 0];
    // A dead line takes two ticks to show, and so many more states that it is looked for with fewer packets.
    for (const [packets, ticks] of [
      [scale, 1],
      [Math.max(1, scale - 2), 2],
    ])
      for (let packetsUp = 0; packetsUp <= packets; packetsUp++) {
        const found = search({ packetsUp, packetsDown: packets - packetsUp, cuts: CUTS, ticks });
        states += found.states;
        steps += found.steps;
      }
    return `${states} states and ${steps} steps between them, ${scale} packets, ${CUTS} cuts`;
  },
};
