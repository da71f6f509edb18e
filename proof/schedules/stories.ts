/**
 * Stories for what chance needs too long to bring about: each told to the same gateway, boards and disk as a schedule is,
 * and held against the same promises, also after all faults have stopped.
 */
import { Phase } from "../../shared/session/state.ts";
import type { Board } from "./board.ts";
import type { BoardProgram } from "./board-program.ts";
import type { Scene } from "./scene.ts";
import { settle } from "./virtual-time.ts";
import type { Wire } from "./wire.ts";

export type Story = (s: Scene) => Promise<void>;

/** Rounds within which all that is on its way has arrived. */
const ROUNDS = 10;
/** A board that is refused is held off for 3 s, and waits 30 s at most before it comes again, ms. */
const LONGEST_MS = 60_000;
/** Then all that its coming brings about has happened, ms. */
const SHORT_MS = 500;
/** Longer than a session lives without a connection (session D12), ms. */
const OUTAGE_MS = 300_000;
const MINUTE_MS = 60_000;
const STEP_MS = 100;

const tcp = () => "tcp" as const;
const never = () => false;

export const stories = {
  /** The commit of a packet takes longer than its session lives; the board says it again in the next one; the commit fails. */
  async repeatOfWhatIsBeingCommitted(s) {
    const board = await begin(s);
    s.database.isPrompt = false;
    board.publish();
    await pass(s, board);
    cut(board);
    await s.wait(OUTAGE_MS);
    await meet(s, board);
    await s.wait(1000);
    await pass(s, board);
    s.database.fail(false);
    await s.wait(1000);
    board.publish();
  },

  /** The gateway closes a session in agreement while a packet of it is being committed, and that fails. */
  async closedBeforeCommit(s) {
    const board = await begin(s);
    s.database.isPrompt = false;
    board.publish();
    await pass(s, board);
    for (const session of s.gateway!.sessions.all()) session.close();
    await pass(s, board);
    s.database.fail(false);
    await meet(s, board);
  },

  /** A board in its second session proves its key while the first, half-open, acknowledges a request. */
  async acknowledgedDuringProof(s) {
    const board = await begin(s, true);
    s.asker.ask(board, MINUTE_MS, never);
    await settle();
    await deliverDown(board);
    // Its acknowledgement is on its way when the board finds the connection gone, and the gateway does not.
    await s.wait(STEP_MS);
    const halfOpen = loseUnnoticed(board);
    await refuseResume(s, board);
    await arrive(s, board, 2);
    board.wire!.deliverDown(Infinity);
    halfOpen.deliverUp(Infinity);
    await settle();
    await pass(s, board);
    s.asker.ask(board, MINUTE_MS, never);
    await pass(s, board);
  },

  /** Four lives were heard of; then a board with the memory of the first of them speaks. */
  async firstOfFourLives(s) {
    const board = await fourLives(s);
    board.recall(1);
    board.publish();
    await meet(s, board);
  },

  /** And so, after the gateway was started again. */
  async firstOfFourLivesAfterRestart(s) {
    const board = await fourLives(s);
    await s.crash();
    await s.startGateway();
    board.recall(1);
    board.publish();
    await meet(s, board);
  },

  /** A request expires while its number is being committed; the next gateway finds both. */
  async expiredWhileNumbered(s) {
    const board = await begin(s);
    s.database.isPrompt = false;
    s.asker.ask(board, 500, never);
    await commit(s, 1);
    await s.wait(1000);
    cut(board);
    await commit(s, ROUNDS);
    await s.crash();
  },

  /** A reply is being committed when its request's deadline passes. */
  async deadlineDuringReply(s) {
    const board = await begin(s);
    s.answersAtOnce = 1;
    s.asker.ask(board, 3000, never);
    await settle();
    await deliverDown(board);
    s.database.isPrompt = false;
    board.wire!.deliverUp(Infinity);
    await settle();
    await s.wait(4000);
    await commit(s, ROUNDS);
  },

  /** A board begins anew while a number for it is being committed. */
  async rebootWhileNumbering(s) {
    const board = await begin(s);
    s.database.isPrompt = false;
    s.asker.ask(board, MINUTE_MS, never);
    await commit(s, 1);
    board.reboot();
    await meet(s, board);
    await commit(s, ROUNDS);
    s.answersAtOnce = 1;
    await pass(s, board);
    cut(board);
    await s.wait(OUTAGE_MS);
  },

  /** Another board with this id is there for a moment, and says no more than hello. */
  async silentStranger(s) {
    const board = await begin(s);
    board.publish();
    await pass(s, board);
    board.reboot();
    await meet(s, board);
    board.withdraw();
    board.publish();
    await meet(s, board);
  },

  /** A board runs a request and begins anew before it has ever said anything with a number. */
  async rebootInMintedEpoch(s) {
    const board = await begin(s);
    await rebootAmidRequest(s, board);
  },

  /** And so does one that has. */
  async rebootAmidRequest(s) {
    const board = await begin(s);
    board.publish();
    await pass(s, board);
    await rebootAmidRequest(s, board);
  },

  /** The hello of a life that is over arrives after that of the next one, which has a request. */
  async lateHello(s) {
    const board = s.addBoard("b0", false, tcp);
    await arrive(s, board, 1);
    board.wire!.deliverDown(Infinity);
    const late = board.wire!;
    board.reboot();
    await meet(s, board);
    s.asker.ask(board, MINUTE_MS, never);
    await pass(s, board);
    late.deliverUp(Infinity);
    await settle();
    await meet(s, board);
  },

  /** A request is cancelled, and the gateway dies before that is in the store. */
  async cancelledBeforeCrash(s) {
    const board = await begin(s);
    cut(board);
    s.asker.ask(board, OUTAGE_MS, never);
    await settle();
    s.database.isPrompt = false;
    s.asker.cancel();
    await settle();
    await s.crash(false);
  },
} satisfies Record<string, Story>;

export type StoryName = keyof typeof stories;

async function begin(s: Scene, hasKey = false): Promise<Board> {
  const board = s.addBoard("b0", hasKey, tcp);
  await meet(s, board);
  return board;
}

async function fourLives(s: Scene): Promise<Board> {
  const board = await begin(s);
  for (let life = 1; life <= 4; life++) {
    if (life > 1) board.reboot();
    board.publish();
    await meet(s, board);
  }
  return board;
}

async function rebootAmidRequest(s: Scene, board: Board): Promise<void> {
  s.asker.ask(board, 2 * OUTAGE_MS, never);
  await pass(s, board);
  board.reboot();
  await meet(s, board);
}

/** The board connects, if it is admitted, and everything on its way arrives. */
async function meet(s: Scene, board: Board): Promise<void> {
  const isMet = ({ greeted, session }: BoardProgram["peer"]) => greeted && session.phase === Phase.OPEN;
  for (let ms = 0; ms < LONGEST_MS && !isMet(board.life.program.peer); ms += STEP_MS) {
    await pass(s, board);
    await s.wait(STEP_MS);
  }
  await pass(s, board);
  await s.wait(SHORT_MS);
  await pass(s, board);
}

/** What is on its way over the board's present wire arrives, in both directions. */
async function pass(s: Scene, board: Board): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    await settle();
    board.join();
    board.wire?.deliverUp(Infinity);
    await settle();
    board.wire?.deliverDown(Infinity);
    s.check();
  }
  await settle();
}

/** The board connects; `times` its bytes arrive, and between them the gateway's. */
async function arrive(s: Scene, board: Board, times: number): Promise<void> {
  for (let ms = 0; board.wire === null; ms += STEP_MS) {
    if (ms > LONGEST_MS) throw new Error(`${board.id} does not connect within ${LONGEST_MS} ms`);
    await s.wait(STEP_MS);
    board.join();
  }
  for (let i = 0; i < times; i++) {
    if (i > 0) board.wire.deliverDown(Infinity);
    board.wire.deliverUp(Infinity);
    await settle();
  }
}

async function deliverDown(board: Board): Promise<void> {
  board.wire!.deliverDown(Infinity);
  await settle();
}

async function commit(s: Scene, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await settle();
    await s.database.succeed();
    await settle();
  }
}

function cut(board: Board): void {
  const { wire } = board;
  wire?.endForHost("cut");
  wire?.endForBoard();
}

/** The board finds its connection gone; the gateway takes it for alive, and what was on its way may still come. */
function loseUnnoticed(board: Board): Wire {
  const wire = board.wire!;
  wire.isSilent = true;
  wire.endForBoard();
  return wire;
}

/** For a moment the gateway has another key of the board: its session is refused to it, and it begins another. */
async function refuseResume(s: Scene, board: Board): Promise<void> {
  s.keys.draw(board.id);
  await arrive(s, board, 1);
  board.wire!.deliverDown(Infinity);
  await settle();
  s.keys.remove(board.id);
  s.restoreKey(board);
}
