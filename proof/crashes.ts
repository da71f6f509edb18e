/**
 * A gateway's store that loses power, or fails, at every step between a packet that came and its acknowledgement: asked,
 * written, flushed, told to some of those who wait. The real store and the real numbering stand over a database that
 * forgets what was not flushed; boards send again what was not acknowledged, as a session makes them.
 */

import { setImmediate } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Numbering } from "../host/peers/numbering.ts";
import { systemClock } from "../host/platform/clock.ts";
import { DurableStore } from "../host/store/durable-store.ts";
import { FaultyDatabase, type Step } from "../host/store/faulty-database.ts";
import { delivered } from "../host/store/group.ts";
import { MemoryDatabase } from "../host/store/memory-database.ts";
import type { DeliveredMessage, RecordChange } from "../host/store/store.ts";
import { seededRandom } from "../host/transports/random.ts";
import { hold, type Proof } from "./proof.ts";

const BOARDS = 3;
const LIVES = 6;
const MOST_TURNS = 30;
/** A board hands over at most so many in one turn. */
const MOST_AT_ONCE = 4;
/** So many messages later the packet that came with one leaves. */
const WAITING = 3;
const EPOCH = "00000000000000e0";

/** What a schedule met, so that a run which tried nothing is no proof. */
export interface Met {
  crashes: Record<Step | "told", number>;
  failures: number;
  foundAfterAll: number;
  repeats: number;
  acknowledged: number;
}

export function noneMet(): Met {
  const crashes = { asked: 0, written: 0, flushed: 0, told: 0 };
  return { crashes, failures: 0, foundAfterAll: 0, repeats: 0, acknowledged: 0 };
}

/** A board's memory: its messages are its numbers. */
interface Board {
  id: string;
  acknowledged: number;
  /** Handed over in this life of the gateway, up to here. */
  sent: number;
}

/** One schedule: some lives of a gateway, one after the other, over one disk. */
export class CrashSchedule {
  private readonly random: () => number;
  private readonly disk = new MemoryDatabase();
  private readonly boards: Board[] = Array.from({ length: BOARDS }, (_, i) => ({
    id: `b${i}`,
    acknowledged: 0,
    sent: 0,
  }));

  constructor(
    seed: number,
    private readonly met: Met,
    /** As configured; false acknowledges what is not on the disk. */
    private readonly flush = true,
  ) {
    this.random = seededRandom(seed);
  }

  async run(): Promise<void> {
    for (let life = 0; life < LIVES; life++)
      await new Life(this.disk, this.boards, this.met, this.random, this.flush).run();
    const store = storeOver(new FaultyDatabase(this.disk), this.flush);
    await store.start();
    await checkStore(store, this.boards);
    await store.stop();
  }
}

/** From one start of the gateway to the crash that ends it. */
class Life {
  private readonly database: FaultyDatabase;
  private readonly store: DurableStore;
  private numberings = new Map<string, Numbering>();
  private readonly crashAt: Step | "told";
  /** So many more steps, or waiters told, until the crash. */
  private countdown: number;
  private isOver = false;
  private end: () => void = () => {};
  private readonly ended = new Promise<void>((resolve) => {
    this.end = resolve;
  });

  constructor(
    disk: MemoryDatabase,
    private readonly boards: Board[],
    private readonly met: Met,
    private readonly random: () => number,
    flush: boolean,
  ) {
    this.database = new FaultyDatabase(disk);
    this.store = storeOver(this.database, flush, (found) => this.findAfterAll(found));
    this.crashAt = (["asked", "written", "flushed", "told"] as const)[this.below(4)];
    this.countdown = 1 + this.below(this.crashAt === "told" ? 40 : 12);
  }

  async run(): Promise<void> {
    await this.store.start();
    await checkStore(this.store, this.boards);
    for (const board of this.boards) {
      this.numberings.set(board.id, new Numbering(board.id, this.store, ""));
      board.sent = board.acknowledged;
    }
    this.database.onStep = (step) => this.take(step);
    this.database.failing = () => this.fail();
    void this.traffic();
    await this.ended;
  }

  private async traffic(): Promise<void> {
    for (let turn = 0; turn < MOST_TURNS && !this.isOver; turn++) {
      for (const board of this.boards)
        for (let i = this.below(MOST_AT_ONCE + 1); i > 0; i--) this.send(board, ++board.sent);
      for (let i = this.below(4); i > 0; i--) await setImmediate();
    }
    this.crash();
  }

  private send(board: Board, seq: number): void {
    if (this.isOver) return;
    const numbering = this.numberings.get(board.id)!;
    const waiter = {
      onCommitted: () => this.acknowledge(board, seq),
      onFailed: () => {
        // Its session ends; the next begins where acknowledgements ended (session D17).
        numbering.rollBack();
        if (!this.isOver) board.sent = board.acknowledged;
      },
    };
    if (numbering.isRepeat(EPOCH, seq)) {
      this.met.repeats++;
      return this.store.whenCommitted(waiter);
    }
    numbering.take(EPOCH, seq);
    const payload = Buffer.from(`{"i":${seq}}`);
    if (this.random() < 0.1) return this.store.raise(board.id, EPOCH, seq, waiter);
    const message = delivered(0, board.id, EPOCH, seq, 0, { i: seq });
    const changes: RecordChange[] = [
      { key: `last/${board.id}`, value: { seq } },
      { key: packetKey(board.id, seq), value: payload },
      { key: packetKey(board.id, seq - WAITING), value: null },
    ];
    this.store.append(message, payload, 0, payload.length, waiter, changes);
  }

  private acknowledge(board: Board, seq: number): void {
    if (this.isOver) return;
    board.acknowledged = Math.max(board.acknowledged, seq);
    this.met.acknowledged++;
    this.take("told");
  }

  private take(step: Step | "told"): void {
    if (!this.isOver && step === this.crashAt && --this.countdown === 0) this.crash();
  }

  private fail(): { error: Error; isWritten: boolean } | null {
    if (this.random() > 0.05) return null;
    this.met.failures++;
    return { error: new Error("EIO: i/o error, write"), isWritten: this.random() < 0.5 };
  }

  private findAfterAll(found: number): void {
    this.met.foundAfterAll += found;
  }

  private crash(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.met.crashes[this.crashAt]++;
    this.database.crash();
    // Its timers are all that is left of it.
    void this.store.stop();
    this.end();
  }

  private below(n: number): number {
    return Math.floor(this.random() * n);
  }
}

function storeOver(
  database: FaultyDatabase,
  flush: boolean,
  onFound: (count: number) => void = () => {},
): DurableStore {
  let known = 1;
  const store: DurableStore = new DurableStore(database, {
    ...{ folder: "memory", machine: "", clock: systemClock, maxMessages: 1e6, maxBytes: 1e9, maxAgeS: 0 },
    ...{ whenFull: "dropOldest", commitDelayMs: 0, retryMs: 1, flush },
    low: () => null,
    onFlushed() {},
    onFault: () => {
      known = store.next;
    },
    onReopened: () => onFound(store.next - known),
  });
  return store;
}

/** What the next life finds: all that was acknowledged, each once and in order, and what was written with it. */
async function checkStore(store: DurableStore, boards: readonly Board[]): Promise<void> {
  const messages = await store.read(0, Number.MAX_SAFE_INTEGER);
  const isNumbered = messages.every(({ n }, i) => n === i + 1);
  hold(isNumbered && store.next === messages.length + 1, "the numbers of the messages have a gap");
  const documents = new Map(await store.records<{ seq: number }>("last/"));
  for (const { id, acknowledged } of boards) {
    const seqs = messages.filter(({ device }) => device === id).map((message) => seqOf(message));
    const watermark = store.watermarks(id)[0]?.seq ?? 0;
    hold(acknowledged <= watermark, () => `${id}: ${acknowledged} acknowledged, ${watermark} in the store`);
    hold(
      seqs.every((seq, i) => i === 0 || seq > seqs[i - 1]),
      () => `${id}: delivered twice or out of order: ${seqs}`,
    );
    const last = seqs.at(-1) ?? 0;
    hold(last <= watermark, () => `${id}: message ${last} is above the watermark ${watermark}`);
    const noted = documents.get(`last/${id}`)?.seq ?? 0;
    hold(noted === last, () => `${id}: the document says ${noted}, the last message is ${last}`);
    const packets = await store.page<Uint8Array>(`s/${id}/`, "", Number.MAX_SAFE_INTEGER);
    const waiting = packets.map(([key, value]) => `${key} ${Buffer.from(value)}`);
    const expected = waitingFor(seqs).map((seq) => `${packetKey(id, seq)} {"i":${seq}}`);
    hold(isDeepStrictEqual(waiting, expected), () => `${id}: packets ${waiting}; expected ${expected}`);
    const { delivered: count = 0 } = store.watermarks(id)[0] ?? {};
    hold(count === seqs.length, () => `${id}: ${count} counted, ${seqs.length} delivered`);
  }
}

function packetKey(id: string, seq: number): string {
  return `s/${id}/${Math.max(0, seq).toString(16).padStart(14, "0")}`;
}

/** Of the numbers up to the last message's, those of which a packet waits: only messages bring one, or take one away. */
function waitingFor(seqs: readonly number[]): number[] {
  const waiting = new Set<number>();
  for (const seq of seqs) {
    waiting.add(seq);
    waiting.delete(seq - WAITING);
  }
  return [...waiting].sort((a, b) => a - b);
}

function seqOf({ seq, message }: DeliveredMessage): number {
  hold(message.i === seq, () => `message ${seq} says ${JSON.stringify(message)}`);
  return seq;
}

async function runCrashes(seed: number, scale: number): Promise<string> {
  const met = noneMet();
  for (let i = 0; i < scale; i++) {
    try {
      await new CrashSchedule(seed + i, met).run();
    } catch (error) {
      if (error instanceof Error) error.message += ` (schedule ${seed + i})`;
      throw error;
    }
  }
  const { crashes, failures, foundAfterAll, repeats, acknowledged } = met;
  const tried = [...Object.values(crashes), failures, foundAfterAll, repeats, acknowledged];
  hold(scale < 100 || tried.every((count) => count > 0), () => `nothing was tried: ${JSON.stringify(met)}`);
  const where = Object.entries(crashes).map(([step, count]) => `${count} ${step}`);
  return (
    `${scale} schedules, crashes ${where.join(", ")}; ${failures} failed commits, ${foundAfterAll} messages of them ` +
    `there after all; ${acknowledged} acknowledged, 0 lost, ${repeats} repeats, 0 delivered twice`
  );
}

export const crashes: Proof = {
  name: "crashes",
  promise: "a crash or a failed commit at any step loses nothing acknowledged and delivers nothing twice",
  unit: "schedules",
  scale: 1000,
  run: runCrashes,
};
