/**
 * A cut after every byte of a connection's beginning, in each direction: handshake, exchange of state, first packets and
 * first sync packets, of a new session and of a resumed one (users S4).
 */
import { hold, type Proof } from "./proof.ts";
import { Stage } from "./stage.ts";

/** How the ends learn of the cut. */
const kinds = [
  "both at once",
  "the server when it is dead to it",
  "the client when it is dead to it",
] as const;
type Kind = (typeof kinds)[number];

/** Packets each way that are outstanding, and what one connection carries of them in full. */
const PACKETS = 3;
/** Handshake and state of a client that resumes, and of a server with a new session. */
const [LONGEST_REQUEST, LONGEST_ANSWER] = [1 + 1 + 16 + 1, 1 + 1 + 16 + 1 + 1 + 3 + 1];
/** Connections that end at the same byte, one after the other. */
const REPEATS = 8;
/** session D9. */
const UNCONFIRMED_PER_ADDRESS = 4;
/** A line that said too little is dropped after 5 s, its session lives 10 s longer, and is looked after every second. */
const LAST_ORPHAN_MS = 5000 + 10_000 + 2000;
const STRANGER = "192.0.2.1";

export const everyByte: Proof = {
  name: "every-byte",
  promise: "a connection cut after any byte of its beginning, either way, is resumed, and leaves no orphans",
  unit: "rounds",
  scale: 1,
  run(_seed, scale) {
    let cuts = 0;
    for (let round = 0; round < scale; round++)
      for (const isResume of [false, true])
        for (const kind of kinds) {
          const { up, down } = measure(isResume);
          for (const [u, d] of offsets(up, down)) {
            try {
              cuts += cutAt(isResume, kind, u, d);
            } catch (error) {
              const where = `${isResume ? "resume" : "new session"}, ${u} bytes up, ${d} down, ${kind}`;
              if (error instanceof Error) error.message += `; cut: ${where}`;
              throw error;
            }
          }
        }
    return `${cuts} cuts, at every offset, new and resumed, known and half-open`;
  },
};

/** Every pair within handshake and state, and beyond them every offset of one direction with all of the other. */
function offsets(up: number, down: number): [up: number, down: number][] {
  const pairs: [number, number][] = [];
  for (let u = 0; u <= up; u++)
    for (let d = 0; d <= down; d++)
      if ((u <= LONGEST_REQUEST && d <= LONGEST_ANSWER) || u === up || d === down) pairs.push([u, d]);
  return pairs;
}

function begin(isResume: boolean): Stage {
  const stage = new Stage({ remoteAddress: STRANGER });
  if (isResume) {
    stage.finish(PACKETS);
    stage.cut(true);
  }
  return stage;
}

/** Bytes of either direction of a connection that is left alone. */
function measure(isResume: boolean): { up: number; down: number } {
  const stage = begin(isResume);
  stage.connect();
  return carry(stage, Infinity, Infinity);
}

/** Carries at most so many bytes each way; how many they were. */
function carry(stage: Stage, up: number, down: number): { up: number; down: number } {
  const total = 2 * PACKETS;
  const line = stage.line!;
  let [upBytes, downBytes] = [0, 0];
  for (;;) {
    stage.client.fill(total);
    stage.end.fill(total);
    const u = Math.min(line.up.size, up - upBytes);
    stage.deliverUp(u);
    stage.end.commit();
    const d = Math.min(line.down.size, down - downBytes);
    stage.deliverDown(d);
    if (u + d === 0) return { up: upBytes, down: downBytes };
    upBytes += u;
    downBytes += d;
  }
}

/** Connections that end there until one gets no further, then one that goes on; the number of cuts. */
function cutAt(isResume: boolean, kind: Kind, up: number, down: number): number {
  const stage = begin(isResume);
  for (let i = 0; i < REPEATS; i++) {
    if (stage.line === null) stage.connect();
    carry(stage, up, down);
    lose(stage, kind);
    checkOrphans(stage);
    stage.now += 500;
    stage.tick();
  }
  const { cuts } = stage;
  stage.finish(2 * PACKETS);
  stage.idle(LAST_ORPHAN_MS);
  const sessions = [...stage.server.all()];
  hold(sessions.length === 1 && sessions[0].isConfirmed, () => `${sessions.length} sessions are left`);
  return cuts;
}

function lose(stage: Stage, kind: Kind): void {
  if (kind !== "the client when it is dead to it") return stage.cut(kind === "both at once");
  stage.line!.end();
  stage.line!.down.clear();
  while (stage.line !== null) {
    stage.now = Math.max(stage.now, stage.deadline);
    stage.tick();
  }
}

function checkOrphans(stage: Stage): void {
  const orphans = [...stage.server.all()].filter(({ isConfirmed }) => !isConfirmed).length;
  hold(orphans <= UNCONFIRMED_PER_ADDRESS, () => `${orphans} unconfirmed sessions of one address`);
}
