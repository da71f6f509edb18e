/** The model's own proof: each fault put into the code is found, and how many runs that takes (iotgw §12). */
import { hold, type Proof } from "./proof.ts";
import { buildSearch } from "./queue/build.ts";
import { type Fault, faults } from "./queue/faults.ts";

/** Runs after which a fault counts as not found; the suite plays as many without one. */
const MAX_RUNS = 4000;
const MISSED = `not in ${MAX_RUNS}`;

export const queueFaults: Proof = {
  name: "queue-faults",
  promise: "a fault in the queue's code is found by the model",
  unit: "seeds",
  scale: 1,
  async run(seed, scale) {
    const rows: string[] = [];
    const missed: string[] = [];
    for (const fault of faults) {
      const { counts, first } = await find(fault, seed, scale);
      rows.push(`\n  ${fault.clause.padEnd(7)} ${fault.name}: ${counts.join(", ")} runs\n          ${first}`);
      if (counts.includes(MISSED)) missed.push(fault.name);
    }
    const table = rows.join("");
    hold(missed.length === 0, () => `${missed.length} of ${faults.length} are not found:${table}`);
    return `${faults.length} faults, each found with ${scale} seeds:${table}\n `;
  },
};

async function find(fault: Fault, seed: number, seeds: number): Promise<{ counts: string[]; first: string }> {
  const search = await buildSearch(fault.patches);
  const counts: string[] = [];
  let first = "";
  for (let i = 0; i < seeds; i++) {
    const { runs, fault: found } = search(seed + i, MAX_RUNS, false);
    counts.push(found === null ? MISSED : `${runs}`);
    if (first === "" && found !== null) first = found.split("\n")[0];
  }
  return { counts, first };
}
