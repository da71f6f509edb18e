/** A stream of packets each way through random cuts (users S1). */
import { randomInteger, seededRandom } from "../host/transports/random.ts";
import { hold, type Proof } from "./proof.ts";
import { Stage } from "./stage.ts";

const PACKETS_PER_CUT = 100;
/** Bytes of both directions that carry so many packets each way, a little less than they take: cuts are no rarer. */
const BYTES_PER_CUT = 5000;
const LARGEST_CHUNK = 600;
/** Where a lane stops taking data, as a socket does. */
const HIGH_WATER = 8192;
const LONGEST_AWAY_MS = 500;
/** What the steps that move no bytes do, in parts of 64. */
const [COMMIT, STALE] = [4, 6];

export const stream: Proof = {
  name: "stream",
  promise: "packets both ways through random cuts: none is lost, repeated or reordered",
  unit: "packets each way",
  scale: 1_000_000,
  run(seed, scale) {
    const random = seededRandom(seed);
    const stage = new Stage();
    let left = 0;
    let halfOpen = 0;
    while (stage.client.acknowledged < scale || stage.end.acknowledged < scale) {
      if (stage.line === null) {
        stage.now += randomInteger(random, 1, LONGEST_AWAY_MS);
        stage.connect();
        left = 1 + Math.floor(-Math.log(1 - random()) * BYTES_PER_CUT);
      }
      stage.client.fill(scale);
      stage.end.fill(scale);
      left -= step(stage, random, left);
      if (left <= 0) {
        const isKnown = random() < 0.5;
        if (!isKnown) halfOpen++;
        stage.cut(isKnown);
      }
      stage.tick();
    }
    stage.checkOneSession();
    const least = scale / PACKETS_PER_CUT;
    hold(stage.cuts >= least, () => `only ${stage.cuts} cuts, at least ${least} were to be made`);
    return `${scale} packets each way, ${stage.cuts} cuts, ${halfOpen} of them half-open: 0 lost, 0 repeated, 0 reordered`;
  },
};

/** One thing happens; returns the bytes that were moved on the client's line, at most `left`. */
function step(stage: Stage, random: () => number, left: number): number {
  const line = stage.line!;
  const before = line.up.size + line.down.size;
  const kind = Math.floor(random() * 64);
  if (kind < COMMIT) stage.end.commit();
  else if (kind < STALE) talkOnStaleLine(stage, random);
  else if (before === 0) {
    // Nothing is on its way: what is received becomes durable, then time runs to whatever is due.
    stage.end.commit();
    if (line.down.size === 0)
      stage.now = Math.max(stage.now, Math.min(stage.deadline, stage.now + LONGEST_AWAY_MS));
    return 0;
  }
  const isUp = random() < line.up.size / (line.up.size + line.down.size);
  const size = Math.min(randomInteger(random, 1, LARGEST_CHUNK), left);
  const there = Math.min(size, isUp ? line.up.size : line.down.size);
  if (isUp) stage.deliverUp(size);
  else stage.deliverDown(size);
  if (line.down.size > HIGH_WATER) line.block();
  else line.unblock();
  stage.now += random();
  return there;
}

/** A line the server holds for alive says what was under way on it, or is found to be gone. */
function talkOnStaleLine(stage: Stage, random: () => number): void {
  const line = stage.stale[0];
  if (line === undefined) return;
  if (random() < 0.5) line.deliverUp(randomInteger(random, 1, LARGEST_CHUNK));
  else {
    stage.stale.shift();
    line.end();
  }
}
