/**
 * Half-open connections: one end holds a line for alive until its timer says otherwise, while the session is resumed over
 * another; then the old one fires (users S3, session D10, D11).
 */
import { type Random, randomInteger, seededRandom } from "../host/transports/random.ts";
import { Code } from "../shared/session/codes.ts";
import { Phase } from "../shared/session/state.ts";
import type { Line } from "./line.ts";
import { hold, type Proof } from "./proof.ts";
import { Stage } from "./stage.ts";

const MOST_PACKETS = 4;
const LARGEST_PIECE = 60;
/** After this without a sync packet a line is dead: syncIntervalMax · 2. */
const DEAD_MS = 10_000;

export const takeover: Proof = {
  name: "takeover",
  promise:
    "a session is taken over from a line that seems alive, and nothing the old one does later hurts it",
  unit: "takeovers",
  scale: 10_000,
  run(seed, scale) {
    const random = seededRandom(seed);
    const stage = new Stage();
    const counts = { replaced: 0, died: 0, client: 0 };
    let total = 1;
    stage.finish(total);
    const { client, end } = stage;
    for (let i = 0; i < scale; i++) {
      total += randomInteger(random, 0, MOST_PACKETS);
      client.fill(total);
      end.fill(total);
      for (let n = randomInteger(random, 0, 4); n > 0; n--) {
        stage.deliverUp(randomInteger(random, 0, LARGEST_PIECE));
        stage.deliverDown(randomInteger(random, 0, LARGEST_PIECE));
      }
      if (random() < 0.1) clientHoldsOld(stage, counts);
      else serverHoldsOld(stage, random, counts);
      stage.finish(total);
      // Socket.IO 4880: it resumed, and could not be resumed again.
      stage.cut(true);
      stage.connect();
      stage.exchange();
      hold(client.session.phase === Phase.OPEN, "the session did not resume again");
    }
    return `${scale} takeovers: ${counts.replaced} of a line alive, ${counts.died} of one that had just died, ${counts.client} found by the client; ${total} packets each way`;
  },
};

function serverHoldsOld(stage: Stage, random: Random, counts: { replaced: number; died: number }): void {
  const old = stage.line!;
  stage.cut(false);
  // The new one comes at any time of the old one's life, now and then just after its end.
  stage.now += Math.floor(random() * DEAD_MS * 1.05);
  stage.tick();
  old.deliverUp(randomInteger(random, 0, LARGEST_PIECE));
  const line = stage.connect();
  stage.exchange();
  hold(old.dropped !== 0, "the old line was not dropped");
  if (old.dropped === Code.REPLACED) counts.replaced++;
  else counts.died++;
  const reason = old.dropped;
  hold(
    reason === Code.REPLACED || reason === Code.DEAD,
    () => `the old line was dropped with code ${reason}`,
  );
  fire(stage, old, line, random);
}

/** All that the old line still does, in any order, long after and at once. */
function fire(stage: Stage, old: Line, line: Line, random: Random): void {
  for (let n = 0; n < 6; n++) {
    const kind = randomInteger(random, 0, 5);
    if (kind === 0) old.up.put(LATE_CLOSE, 0, LATE_CLOSE.length);
    if (kind <= 1) old.deliverUp(Infinity);
    else if (kind === 2) stage.idle(random() * 2 * DEAD_MS);
    else if (kind === 3) old.fire();
    else if (kind === 4) old.end();
    else stage.end.session!.detach(old); // as a transport's late close would
    const { session, carrier } = stage.end.session!;
    hold(carrier === line, () => `what the old line did took the session away: ${kind}`);
    hold(session.phase === Phase.OPEN, () => `what the old line did closed the session: ${kind}`);
  }
  old.end();
  stage.stale = [];
}

/** The server has lost the line; the client waits for its dead timer, then comes back. */
function clientHoldsOld(stage: Stage, counts: { client: number }): void {
  stage.line!.end();
  stage.line!.down.clear();
  while (stage.line !== null) {
    stage.now = Math.max(stage.now, stage.deadline);
    stage.tick();
  }
  hold(stage.client.disconnected === Code.DEAD, "the client's dead timer did not fire");
  counts.client++;
}

/** What hurts most when it is heard: data, then a close. */
const LATE_CLOSE = new Uint8Array([1, 0x61, 0, 0xff]);
