/** The hub of components, killed with -9 under load: what it had said it kept is done, a board does each task once. */
import { seededRandom } from "../host/transports/random.ts";
import { CrashRun } from "./components/crashing.ts";
import { House } from "./components/house.ts";
import { Speaker } from "./components/speaker.ts";
import type { Proof } from "./proof.ts";

async function runHubCrashes(seed: number, scale: number): Promise<string> {
  const house = await House.open(["proof_work"]);
  const speaker = new Speaker();
  try {
    await speaker.start(house);
    return await new CrashRun(house, speaker, seededRandom(seed)).play(scale);
  } finally {
    speaker.stop();
    await house.close();
  }
}

export const hubCrashes: Proof = {
  name: "hub-crashes",
  promise:
    "a hub killed with -9 under load loses no task that it had said it kept, and a board does none twice",
  unit: "kills",
  scale: 2,
  run: runHubCrashes,
};
