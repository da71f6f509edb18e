/** Kills of strangers, malformed, too late, said again or without the right, and heartbeats under our names: none is heeded. */
import { seededRandom } from "../host/transports/random.ts";
import { AbuseRun } from "./components/abuse.ts";
import { House } from "./components/house.ts";
import { Speaker } from "./components/speaker.ts";
import type { Proof } from "./proof.ts";

async function runKillAbuse(seed: number, scale: number): Promise<string> {
  const house = await House.open(["proof_work"]);
  const speaker = new Speaker();
  try {
    await speaker.start(house);
    return await new AbuseRun(house, speaker, seededRandom(seed)).play(scale);
  } finally {
    speaker.stop();
    await house.close();
  }
}

export const killAbuse: Proof = {
  name: "kill-abuse",
  promise:
    "a kill that is malformed, too late, said before or not allowed is not heeded, but counted; a good one among them is",
  unit: "tries",
  scale: 4000,
  run: runKillAbuse,
};
