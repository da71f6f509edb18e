/**
 * Components as users have them, every one a process beside a real gateway: the examples, tasks that wait for their first
 * worker, kills of everything under load, workers killed with -9. Counted at both ends.
 */
import { seededRandom } from "../host/transports/random.ts";
import { playExamples } from "./components/examples.ts";
import { House } from "./components/house.ts";
import { KillRun } from "./components/killing.ts";
import { playSlowJoiner } from "./components/slow-joiner.ts";
import { Speaker } from "./components/speaker.ts";
import type { Proof } from "./proof.ts";

async function runComponents(seed: number, scale: number): Promise<string> {
  const house = await House.open(["proof_work", "example_clock"]);
  const speaker = new Speaker();
  try {
    await speaker.start(house);
    const waited = await playSlowJoiner(house, speaker);
    const [shown, killed] = await Promise.all([
      playExamples(house, speaker, seed),
      new KillRun(house, speaker, seededRandom(seed)).play(scale),
    ]);
    return [waited, shown, killed].join("; ");
  } finally {
    speaker.stop();
    await house.close();
  }
}

export const components: Proof = {
  name: "components",
  promise:
    "whatever is killed under load, tasks, workers or both, every other task is answered, once, and what is said of each kill is true",
  unit: "tasks",
  scale: 400,
  run: runComponents,
};
