/** What can happen in a schedule. */
import type { Board } from "./board.ts";
import type { Scene } from "./scene.ts";

interface Kind {
  /** How often, beside the rest. */
  weight: number;
  take(scene: Scene, board: Board): unknown;
}

/** A board's whole session, or its connection at least, is over when it lasts so long, ms. */
const OUTAGE_MS = 300_000;
/** Of a wire, bytes that arrive of more that wait. */
const MOST_BYTES = 60;
const MOST_LATE_BYTES = 200;

const some = (scene: Scene) => scene.chance.integer(1, MOST_BYTES);

/** Without any of the others all goes well. */
export const steps = {
  publish: {
    weight: 12,
    take({ chance }, board) {
      for (let i = chance.integer(1, 4); i > 0; i--) board.publish();
    },
  },
  deliverUp: { weight: 10, take: (_, board) => board.wire?.deliverUp(Infinity) },
  deliverSomeUp: { weight: 8, take: (scene, board) => board.wire?.deliverUp(some(scene)) },
  deliverDown: { weight: 10, take: (_, board) => board.wire?.deliverDown(Infinity) },
  deliverSomeDown: { weight: 8, take: (scene, board) => board.wire?.deliverDown(some(scene)) },
  wait: { weight: 12, take: (scene) => scene.wait(scene.chance.integer(1, 60)) },
  waitLong: { weight: 4, take: (scene) => scene.wait(scene.chance.integer(100, 4000)) },
  commit: { weight: 14, take: ({ database }) => database.succeed() },
  join: { weight: 10, take: (_, board) => board.join() },
  ask: { weight: 4, take: ({ asker }, board) => asker.ask(board) },
  answer: { weight: 4, take: (_, board) => board.answer(0) },
  startGateway: { weight: 6, take: (scene) => scene.startGateway() },
} satisfies Record<string, Kind>;

export const faults = {
  failCommit: { weight: 1.2, take: ({ database }) => database.fail(false) },
  failCommitThatIsThere: { weight: 1.2, take: ({ database }) => database.fail(true) },
  failOpening: {
    weight: 0.6,
    take({ database, chance }) {
      database.openFailures = chance.integer(1, 2);
    },
  },
  crash: { weight: 0.8, take: (scene) => scene.crash() },
  cutBoth: {
    weight: 1,
    take(_, board) {
      board.wire?.endForHost("cut");
      board.wire?.endForBoard();
    },
  },
  cutBoard: {
    weight: 1.5,
    take(_, { wire }) {
      if (wire === null) return;
      wire.isSilent = true;
      if (wire.kind === "tcp") wire.endForBoard();
    },
  },
  cutHost: {
    weight: 1,
    take(_, { wire }) {
      if (wire === null) return;
      wire.isSilent = true;
      wire.endForHost("cut");
    },
  },
  refuse: { weight: 1, take: (_, board) => board.refuse() },
  move: { weight: 0.8, take: (_, board) => board.move() },
  reboot: { weight: 0.6, take: (_, board) => board.reboot() },
  outage: {
    weight: 0.5,
    take: (scene) =>
      scene.wait(scene.chance.hits(0.5) ? OUTAGE_MS : scene.chance.integer(4000, OUTAGE_MS / 10)),
  },
  lateWord: {
    weight: 2,
    take({ chance }, { stale }) {
      if (stale.length > 0) chance.pick(stale).deliverUp(chance.integer(1, MOST_LATE_BYTES));
    },
  },
  fill: {
    weight: 1,
    take(_, { wire }) {
      if (wire?.isFull) wire.drain();
      else if (wire !== null) wire.isFull = true;
    },
  },
  spoil: {
    weight: 0.7,
    take({ chance }, { wire }) {
      // Only a cable loses bytes: what a socket carries is exact.
      if (wire?.kind !== "serial") return;
      (chance.hits(0.5) ? wire.up : wire.down).deliver(chance.integer(1, 9), () => {});
    },
  },
  cancel: { weight: 1.5, take: ({ asker }) => asker.cancel() },
  proof: { weight: 0.5, take: (scene, board) => scene.switchProof(board) },
  twin: { weight: 1, take: (_, board) => board.switchTwin() },
} satisfies Record<string, Kind>;

export type Step = keyof typeof steps | keyof typeof faults;

const kinds: Record<Step, Kind> = { ...steps, ...faults };

/** It happens, to one of the boards where it happens to a board. */
export async function takeStep(step: Step, scene: Scene): Promise<void> {
  const board = scene.chance.pick(scene.boards);
  await kinds[step].take(scene, board);
}
