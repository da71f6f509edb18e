/** When all faults have stopped, what was accepted arrives, and nothing is kept of what is over (session part 5). */
import type { Board } from "./board.ts";
import type { Scene } from "./scene.ts";
import { settle, virtualNow } from "./virtual-time.ts";

/** Time within which everything must have arrived, ms. */
const DRAIN_MS = 400_000;
const STEP_MS = 250;
/** An unconfirmed session lives 10 s after its last connection (session D9). */
const ORPHAN_MS = 13_000;
const ORPHAN_STEP_MS = 1000;
/** Rounds within which all that is on its way has arrived. */
const ROUNDS = 20;

/** A promise that does not hold is in the scene's ledger then. */
export async function drain(scene: Scene): Promise<void> {
  await stopFaults(scene);
  await arriveAll(scene);
  if (!scene.isWhole) return;
  for (let ms = 0; ms < ORPHAN_MS; ms += ORPHAN_STEP_MS) {
    await carry(scene);
    await scene.wait(ORPHAN_STEP_MS);
  }
  checkLeftovers(scene);
}

async function stopFaults(scene: Scene): Promise<void> {
  const { database } = scene;
  scene.answersAtOnce = 1;
  database.isPrompt = true;
  database.openFailures = 0;
  await database.succeed();
  await settle();
  for (const board of scene.boards) {
    board.endTwin();
    scene.restoreKey(board);
    while (board.life.unanswered.length > 0) board.answer(0);
  }
}

/** Then every board is asked once more, and that, too, comes to its end. */
async function arriveAll(scene: Scene): Promise<void> {
  const { boards, ledger } = scene;
  const end = virtualNow() + DRAIN_MS;
  let isAsked = false;
  for (;;) {
    await scene.startGateway();
    for (const board of boards) if (board.life.published === 0) board.publish();
    await carry(scene);
    if (!scene.isWhole) return;
    // Asked before its present life was heard of, a request may go to the one before.
    if (!isAsked && boards.every(hasAll) && scene.gateway?.store.fault === null) {
      isAsked = true;
      for (const board of boards) scene.asker.ask(board, DRAIN_MS);
      await settle();
    }
    if (isAsked && missing(scene) === "") return;
    if (virtualNow() >= end)
      return ledger.breaks(`no end ${DRAIN_MS / 1000} s after the last fault: ${missing(scene)}`);
    await scene.wait(STEP_MS);
  }
}

/** All packets of its present life, at least one, are in the store. */
function hasAll({ life }: Board): boolean {
  return life.durable > 0 && life.durable === life.program.peer.nextSeq - 1 && life.program.heldCount() === 0;
}

/** Everything that is on its way arrives. */
async function carry(scene: Scene): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    let moved = 0;
    for (const board of scene.boards) {
      board.join();
      for (const wire of board.allWires) {
        wire.drain();
        moved += wire.up.size + wire.down.size;
        wire.deliverUp(Infinity);
        await settle();
        wire.deliverDown(Infinity);
      }
    }
    await settle();
    scene.check();
    if (moved === 0) return;
  }
}

/** What has not arrived, or "". */
function missing({ gateway, ledger, boards }: Scene): string {
  if (gateway === null || !gateway.isReady) return "the gateway does not start";
  const { pending, fault } = gateway.store.fill;
  if (fault !== "") return `the store takes nothing: ${fault}`;
  if (pending > 0) return `${pending} messages wait in the store`;
  for (const board of boards) {
    const { program, durable, number } = board.life;
    const numbered = program.peer.nextSeq - 1;
    if (program.heldCount() > 0 || durable < numbered)
      return `${durable} of ${numbered} packets of life ${number} of ${board.id} are in the store, it holds ${program.heldCount()}`;
  }
  for (const { rq, outcome } of ledger.asked.values())
    if (outcome === "") return `request ${rq} has no outcome`;
  if (ledger.consumed < ledger.durable.length)
    return `the consumer was told of ${ledger.consumed} of ${ledger.durable.length}`;
  return "";
}

function checkLeftovers({ gateway, ledger, boards }: Scene): void {
  const { table, sessions } = gateway!;
  const open = [...sessions.all()].length;
  if (open !== boards.length) ledger.breaks(`${open} sessions are left of ${boards.length} boards`);
  for (const { id } of boards) {
    const device = table.get(id)!;
    if (device.requests.depth > 0) ledger.breaks(`${device.requests.depth} packets for ${id} wait`);
    if (device.counts.missing > 0)
      ledger.breaks(`${device.counts.missing} messages of ${id} are said to be missing`);
  }
  ledger.checkLast(boards.map(({ id }) => id));
}
