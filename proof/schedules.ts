/** Random schedules of everything that can happen to boards, gateway and disk, against the real code (session part 5). */
import { hold, type Proof } from "./proof.ts";
import { playMany } from "./schedules/play.ts";
import { buildWorld } from "./schedules/world.ts";

/** The steps shown of a schedule that broke a promise. */
const SHOWN = 30;

export const schedules: Proof = {
  name: "schedules",
  promise:
    "whatever happens to connections, boards, gateway and disk: every message once, in order, every request once",
  unit: "schedules",
  scale: 10_000,
  async run(seed, scale) {
    const { played, steps, packets, requests, broken } = await playMany(await buildWorld(), seed, scale);
    hold(broken === null, () => {
      const { seed: at, promise, steps: taken } = broken!;
      return `${promise}\n  in schedule --seed ${at} --scale 1, after … ${taken.slice(-SHOWN).join(", ")}`;
    });
    return `${played} schedules of ${steps} steps: ${packets} packets once and in order, ${requests} requests with one outcome each`;
  },
};
