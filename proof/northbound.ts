/**
 * Messages on their way to a stream that counts, over stores that lose power at every step and connections that break
 * before a message came, after it came, or while nothing is said, while some boards' messages are held and others are
 * never taken: the stream is asked behind the place of the cursor what it has, and ends with every message once, each
 * board's in order. It drops nothing by itself.
 */
import { setImmediate } from "node:timers/promises";
import { Forwarder } from "../host/northbound/forwarder.ts";
import { Held, idOf, Refusal, type Sink } from "../host/northbound/sink.ts";
import { systemClock } from "../host/platform/clock.ts";
import { silentLog } from "../host/platform/log.ts";
import { DurableStore } from "../host/store/durable-store.ts";
import { FaultyDatabase, type Step } from "../host/store/faulty-database.ts";
import { delivered } from "../host/store/group.ts";
import { MemoryDatabase } from "../host/store/memory-database.ts";
import type { DeliveredMessage } from "../host/store/store.ts";
import { seededRandom } from "../host/transports/random.ts";
import { hold, type Proof } from "./proof.ts";

const BOARDS = ["b0", "b1", "b2", "b3"];
const LIVES = 5;
const TURNS = 12;
const MOST_AT_ONCE = 4;
const MOST_STEPS = 40;
/** How often a message meets each of the three breaks. */
const BREAKS = 0.04;
/** How often a board is held, or held no longer, in a turn; a message is never taken; the stream takes nothing. */
const HOLDS = 0.15;
const REFUSED = 0.03;
const FULL = 0.01;
/** In the last life of all what was held is until this turn. */
const MENDED_AT = 8;
const EPOCH = "e";

interface Met {
  crashes: number;
  visits: number;
  /** Resolved because the stream had them, without a second message. */
  known: number;
  messages: number;
  /** Answers that a board's message is held; and the most boards that were aside at once. */
  held: number;
  aside: number;
  refused: number;
}

/** One schedule: some lives of a gateway over one disk, and the stream that outlives them all. */
class Schedule {
  private readonly random: () => number;
  private readonly disk = new MemoryDatabase();
  private readonly stream: string[] = [];
  /** Boards whose messages the stream does not take now. */
  private readonly forbidden = new Set<string>();
  /** Messages that it never takes. */
  private readonly never = new Set<string>();
  private readonly allowed = new Set<string>();

  constructor(
    seed: number,
    private readonly met: Met,
  ) {
    this.random = seededRandom(seed);
  }

  async run(): Promise<void> {
    for (let life = 0; life < LIVES; life++) await this.live(true);
    const all = await this.live(false);
    const ids = all.map(idOf).filter((id) => !this.never.has(id));
    this.met.refused += all.length - ids.length;
    const twice = this.stream.filter((id, i) => this.stream.indexOf(id) !== i);
    hold(twice.length === 0, () => `stands twice: ${twice}`);
    for (const board of BOARDS) {
      const of = (list: string[]) => list.filter((id) => id.startsWith(`${board}:`)).join(" ");
      hold(of(this.stream) === of(ids), () => `${board}: ${of(this.stream)} in the stream, of ${of(ids)}`);
    }
    this.met.messages += all.length;
  }

  /** From a start to a crash, or until everything is handed on. -> what the store holds */
  private async live(isCrashing: boolean): Promise<DeliveredMessage[]> {
    const database = new FaultyDatabase(this.disk);
    const store = storeOver(database);
    await store.start();
    const waits = { leastMs: 1, mostMs: 4 };
    const options = { name: "proof", accepts: () => true, from: "oldest" as const, waits };
    const forwarder = new Forwarder({ ...options, store, clock: systemClock, log: silentLog });
    await forwarder.load();
    let isOver = false;
    let countdown = this.below(MOST_STEPS);
    database.onStep = (_: Step) => {
      if (!isCrashing || isOver || countdown-- > 0) return;
      isOver = true;
      this.met.crashes++;
      database.crash();
    };
    const seqs = new Map(BOARDS.map((id) => [id, store.watermarks(id)[0]?.seq ?? 0]));
    for (
      let turn = 0;
      isCrashing ? !isOver && turn < TURNS : forwarder.view().behind > 0 || turn === 0;
      turn++
    ) {
      if (this.visit === null) this.begin(forwarder, isCrashing ? BREAKS : 0);
      this.hold(isCrashing || turn < MENDED_AT);
      this.met.aside = Math.max(this.met.aside, forwarder.view().aside.length);
      for (const id of isCrashing ? BOARDS : [])
        for (let i = this.below(MOST_AT_ONCE); i > 0; i--) say(store, id, seqs);
      forwarder.wake();
      for (let i = this.below(8); i > 0 && !isOver; i--) await setImmediate();
      if (this.random() < BREAKS) this.break(forwarder);
    }
    const all = isCrashing ? [] : await store.read(1, Number.MAX_SAFE_INTEGER);
    database.crash();
    this.break(forwarder);
    await forwarder.stop(0);
    void store.stop(); // of one that lost its power there is no word any more
    return all;
  }

  private hold(isHolding: boolean): void {
    if (!isHolding) this.forbidden.clear();
    else if (this.random() < HOLDS) {
      const id = BOARDS[this.below(BOARDS.length)];
      if (!this.forbidden.delete(id)) this.forbidden.add(id);
    }
  }

  /** Of one message always the same. */
  private isNever(id: string): boolean {
    if (!this.never.has(id) && !this.allowed.has(id))
      (this.random() < REFUSED ? this.never : this.allowed).add(id);
    return this.never.has(id);
  }

  private visit: { isOver: boolean; over: Promise<void>; end(): void } | null = null;

  private break(forwarder: Forwarder): void {
    const { visit } = this;
    this.visit = null;
    forwarder.pause();
    if (visit === null) return;
    visit.isOver = true;
    visit.end();
  }

  private begin(forwarder: Forwarder, breaks: number): void {
    let end = () => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const visit = { isOver: false, over, end };
    this.visit = visit;
    this.met.visits++;
    const place = forwarder.placeOfCursor;
    const taken = new Map(this.stream.slice(place).map((id, i) => [id, place + i + 1]));
    // As host/nats/visit.ts: what is handed over again while its answer is out is not published a second time.
    const pending = new Map<string, Promise<number>>();
    const sink: Sink = {
      window: 1 + this.below(4),
      send: (message, id) => {
        const sent = pending.get(id) ?? publish(message, id).finally(() => pending.delete(id));
        pending.set(id, sent);
        return sent;
      },
    };
    const publish = async ({ device }: DeliveredMessage, id: string): Promise<number> => {
      const seq = taken.get(id);
      if (seq !== undefined) {
        this.met.known++;
        return seq;
      }
      const fate = this.random();
      for (let i = this.below(3); i > 0; i--) await setImmediate();
      if (fate < breaks && this.visit === visit) this.break(forwarder);
      if (visit.isOver) throw new Error("gone before it came");
      if (this.isNever(id)) throw new Refusal("too large");
      if (this.forbidden.has(device)) {
        this.met.held++;
        throw new Held("not allowed", "");
      }
      if (breaks > 0 && this.random() < FULL) throw new Error("no room");
      const stands = this.stream.push(id);
      if (fate > 1 - breaks) await over; // it came, and nothing is said
      if (fate < 2 * breaks && this.visit === visit) this.break(forwarder);
      for (let i = this.below(3); i > 0; i--) await setImmediate();
      if (visit.isOver) throw new Error("gone after it came");
      return stands;
    };
    forwarder.begin(sink, { side: "stream", place });
  }

  private below(n: number): number {
    return Math.floor(this.random() * n);
  }
}

function say(store: DurableStore, id: string, seqs: Map<string, number>): void {
  const seq = seqs.get(id)! + 1;
  seqs.set(id, seq);
  const payload = Buffer.from(`{"i":${seq}}`);
  const waiter = { onCommitted() {}, onFailed() {} };
  store.append(delivered(0, id, EPOCH, seq, 0, { i: seq }), payload, 0, payload.length, waiter);
}

function storeOver(database: FaultyDatabase): DurableStore {
  return new DurableStore(database, {
    ...{ folder: "memory", machine: "", clock: systemClock, maxMessages: 1e6, maxBytes: 1e9, maxAgeS: 0 },
    ...{ whenFull: "dropOldest", commitDelayMs: 0, retryMs: 1, flush: true },
    ...{ low: () => null, onFlushed() {}, onFault() {}, onReopened() {} },
  });
}

export const northbound: Proof = {
  name: "northbound",
  promise: "a stream that is asked what it has ends with every message once, whatever crashes and breaks",
  unit: "schedules",
  scale: 60,
  async run(seed, scale) {
    const met: Met = { crashes: 0, visits: 0, known: 0, messages: 0, held: 0, aside: 0, refused: 0 };
    for (let i = 0; i < scale; i++) {
      try {
        await new Schedule(seed + i, met).run();
      } catch (error) {
        if (error instanceof Error) error.message += ` (schedule ${seed + i})`;
        throw error;
      }
    }
    const { crashes, visits, known, messages, held, aside, refused } = met;
    hold(
      scale < 50 || Math.min(crashes, known, held, refused, aside - 1) > 0,
      () => `nothing was tried: ${JSON.stringify(met)}`,
    );
    return (
      `${scale} schedules, ${crashes} crashes, ${visits} connections; ${messages} messages, each once but for ${refused} that are ` +
      `never taken; ${known} of them the stream said it had, ${held} times a board's was held, ${aside} boards at once`
    );
  },
};
