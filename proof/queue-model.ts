/** Random steps of everything that can happen to the queue of a peer, against the real one (iotgw §12, P-model). */
import { hold, type Proof } from "./proof.ts";
import { search } from "./queue/search.ts";

export const queueModel: Proof = {
  name: "queue",
  promise:
    "whatever is added, withdrawn, written, lost, and when: G1 to G5, R3.1 to R8.3 hold after every step",
  unit: "runs",
  scale: 2000,
  run(seed, scale) {
    const { runs, fault } = search(seed, scale, true);
    hold(fault === null, () => `in run ${runs}: ${fault}`);
    return `${runs} runs of at most 120 steps, both kinds of queue`;
  },
};
