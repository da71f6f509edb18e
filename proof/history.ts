/**
 * A history that is killed, or whose disk fails, at every step of its writes: asked, written, flushed. Time passes in jumps, so
 * that what is written is thinned as well; sometimes the store gives messages up. In the end each value that the store
 * delivered is in the history once, or counted as missed.
 */
import { setImmediate } from "node:timers/promises";
import { History } from "../host/history/history.ts";
import type { Place } from "../host/history/history-place.ts";
import { silentLog } from "../host/platform/log.ts";
import { DurableStore } from "../host/store/durable-store.ts";
import { FaultyDatabase, type Step } from "../host/store/faulty-database.ts";
import { delivered } from "../host/store/group.ts";
import { MemoryDatabase } from "../host/store/memory-database.ts";
import { seededRandom } from "../host/transports/random.ts";
import { hold, type Proof } from "./proof.ts";

const BOARDS = 3;
const LIVES = 5;
const TURNS = 12;
const MOST_AT_ONCE = 40;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Of a store that gives up messages. */
const FEW_MESSAGES = 100;
const settings = { enabled: true, rawS: 3600, minuteS: 4 * 3600, keepS: 1e9, maxBytes: 1e9 };

interface Met {
  crashes: Record<Step, number>;
  failures: number;
  thinned: number;
  missed: number;
  values: number;
}

/** What the history is to come to, counted from what was delivered. */
interface Expected {
  count: number;
  sum: number;
}

class Schedule {
  private readonly random: () => number;
  private readonly disk = new MemoryDatabase();
  private readonly expected = new Map<string, Expected>();
  private now = 0;
  private readonly clock = { now: () => this.now, wall: () => 1.7e12 + this.now };
  private readonly maxMessages: number;
  private readonly store: DurableStore;
  private seq = 0;

  constructor(
    seed: number,
    private readonly met: Met,
  ) {
    this.random = seededRandom(seed);
    this.maxMessages = this.random() < 0.3 ? FEW_MESSAGES : 1e6;
    const { maxMessages } = this;
    this.store = new DurableStore(new MemoryDatabase(), {
      ...{ folder: "memory", machine: "", clock: this.clock, maxMessages, maxBytes: 1e9, maxAgeS: 0 },
      ...{ whenFull: "dropOldest", commitDelayMs: 0, retryMs: 1, flush: true },
      ...{ low: () => null, onFlushed() {}, onFault() {}, onReopened() {} },
    });
  }

  async run(): Promise<void> {
    await this.store.start();
    const first = this.begin();
    first.history.start();
    await first.history.catchUp();
    await first.history.stop();
    for (let life = 0; life < LIVES; life++) {
      await this.away();
      await this.live();
    }
    await this.committed();
    const { history } = this.begin();
    history.start();
    for (let i = 0; i < 3; i++) {
      this.now += HOUR_MS;
      await history.catchUp();
    }
    await this.check(history);
    await history.stop();
    await this.store.stop();
  }

  private begin() {
    const database = new FaultyDatabase(this.disk);
    const place: Place = {
      name: "test",
      open: async () => database,
      setAside: () => Promise.reject(new Error("nothing is damaged")),
      close: async () => {},
    };
    const { store, clock } = this;
    return { database, history: new History({ settings, place, store, clock, log: silentLog }) };
  }

  /** While no history runs, a store of few messages is given more than it keeps. */
  private async away(): Promise<void> {
    if (this.maxMessages > FEW_MESSAGES) return;
    for (let i = this.below(2 * FEW_MESSAGES); i > 0; i--) this.say();
    await this.committed();
  }

  /** From a start to the step that ends it, or to an end in order. */
  private async live(): Promise<void> {
    const { database, history } = this.begin();
    const crashAt = (["asked", "written", "flushed"] as const)[this.below(3)];
    let countdown = 1 + this.below(8);
    const end = new AbortController();
    const crashed = new Promise<"crashed">((resolve) => {
      end.signal.onabort = () => resolve("crashed");
    });
    database.onStep = (step) => {
      if (step !== crashAt || --countdown !== 0) return;
      this.met.crashes[step]++;
      database.crash();
      end.abort();
    };
    database.failing = (changes) => {
      if (changes.some(({ type, key }) => type === "del" && key.startsWith("v/"))) this.met.thinned++;
      if (this.random() > 0.05) return null;
      this.met.failures++;
      return { error: new Error("EIO: i/o error, write"), isWritten: this.random() < 0.5 };
    };
    history.start();
    await Promise.race([this.traffic(history, end.signal), crashed]);
    if (!end.signal.aborted) await Promise.race([history.stop(), crashed]);
  }

  private async traffic(history: History, end: AbortSignal): Promise<void> {
    for (let turn = 0; turn < TURNS && !end.aborted; turn++) {
      for (let i = this.below(MOST_AT_ONCE); i > 0; i--) this.say();
      await this.committed();
      this.now += this.random() < 0.3 ? this.below(HOUR_MS) : this.below(10 * MINUTE_MS);
      await setImmediate();
      await history.catchUp();
    }
  }

  private committed(): Promise<void> {
    return new Promise((resolve) =>
      this.store.whenCommitted({ onCommitted: resolve, onFailed: () => resolve() }),
    );
  }

  private say(): void {
    const device = `b${this.below(BOARDS)}`;
    const value = this.below(1000) / 10;
    const content = { ot: "l:x", v: value };
    const payload = Buffer.from(JSON.stringify(content));
    const message = delivered(0, device, "e", ++this.seq, this.clock.wall() - this.below(MINUTE_MS), content);
    const expected = this.expected.get(device) ?? { count: 0, sum: 0 };
    this.expected.set(device, { count: expected.count + 1, sum: expected.sum + value });
    this.store.append(message, payload, 0, payload.length, {
      onCommitted() {},
      onFailed: (fault) => {
        throw fault;
      },
    });
  }

  private async check(history: History): Promise<void> {
    const { state, missed, unkept, fault } = history.view();
    hold(state === "ok" && unkept === 0, () => `the history is ${state}: ${fault}; ${unkept} unkept`);
    let counted = missed;
    let delivered = 0;
    for (const [device, { count, sum }] of this.expected) {
      delivered += count;
      const found = { count: 0, sum: 0 };
      const name = { device, type: "l:x", field: "v" };
      const isKnown = history.series(device).length > 0;
      hold(isKnown || missed >= count, () => `nothing is kept of ${device}`);
      if (!isKnown) continue;
      for await (const row of history.rows({ ...name, from: 0, to: 2e12 })) {
        found.count += row.count;
        found.sum += row.count * row.mean;
      }
      counted += found.count;
      hold(
        missed > 0 || (found.count === count && Math.abs(found.sum - sum) < 1e-6 * (1 + sum)),
        () => `${device}: ${found.count} values that come to ${found.sum}; delivered ${count}, ${sum}`,
      );
    }
    hold(counted === delivered, () => `${counted} values, missed ones among them; delivered ${delivered}`);
    this.met.missed += missed;
    this.met.values += delivered;
  }

  private below(n: number): number {
    return Math.floor(this.random() * n);
  }
}

async function run(seed: number, scale: number): Promise<string> {
  const met: Met = {
    ...{ crashes: { asked: 0, written: 0, flushed: 0 }, failures: 0, thinned: 0 },
    ...{ missed: 0, values: 0 },
  };
  for (let i = 0; i < scale; i++) {
    try {
      await new Schedule(seed + i, met).run();
    } catch (error) {
      if (error instanceof Error) error.message += ` (schedule ${seed + i})`;
      throw error;
    }
  }
  const tried = [...Object.values(met.crashes), met.failures, met.thinned, met.missed, met.values];
  hold(scale < 25 || tried.every((count) => count > 0), () => `nothing was tried: ${JSON.stringify(met)}`);
  const where = Object.entries(met.crashes).map(([step, count]) => `${count} ${step}`);
  return (
    `${scale} schedules, crashes ${where.join(", ")}; ${met.failures} failed writes, ${met.thinned} thinnings; ` +
    `${met.values} values, ${met.missed} of them given up by the store before; 0 twice, 0 missing`
  );
}

export const history: Proof = {
  name: "history",
  promise: "a crash or a failed write at any step counts no value twice and misses none",
  unit: "schedules",
  scale: 30,
  run,
};
