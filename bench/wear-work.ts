/** W1 at work: messages into a store on disk, as many in a commit as come in a second, and handed on meanwhile. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { loadConfig } from "../host/config/load.ts";
import { Forwarder } from "../host/northbound/forwarder.ts";
import type { ForwarderView } from "../host/northbound/upstream.ts";
import { systemClock } from "../host/platform/clock.ts";
import { silentLog } from "../host/platform/log.ts";
import { delivered } from "../host/store/group.ts";
import { diskStore } from "../host/store/open-store.ts";
import type { Store } from "../host/store/store.ts";
import { seededRandom } from "../host/transports/random.ts";
import type { Probe } from "./probe.ts";

/** users.md D8. */
export const PAYLOAD_BYTES = 64;
const BOARDS = 10;
/** Messages of a commit, and how many commits: one a second at 10 a second, and as many as a busy gateway has. */
const loads = {
  /** What is written by the clock is written as often for a message as with a commit a second. */
  calm: { messages: 10, commits: 6000, secondMs: 5 },
  full: { messages: 1000, commits: 300, secondMs: 0 },
} as const;
/** Below what the store holds, so that nothing is given up before it is handed on. */
const MOST_BEHIND = 5000;
/** So that the store gives up as many as it takes, merges and all. */
const MOST_MESSAGES = 20_000;

export interface Worn {
  /** Bytes handed to the system to be written, a message, once the store is full. */
  bytesPerMessage: number;
  handedOn: number;
}

/** Who is handed the messages meanwhile. */
export interface HandedOn {
  wake(): void;
  view(): Pick<ForwarderView, "sent" | "behind" | "missed">;
  /** To the network: the system counts them among those written. */
  bytesSent(): number;
  stop(): Promise<void>;
}

export type HandOn = (store: Store, boards: readonly string[]) => Promise<HandedOn>;

const handOnToNobody: HandOn = async (store) => {
  const [name, accepts] = ["bench", () => true];
  const forwarder = new Forwarder({
    ...{ name, from: "oldest", accepts, store, clock: systemClock, log: silentLog },
  });
  await forwarder.load();
  forwarder.begin({ window: 2 * BOARDS, send: async () => 0 });
  return {
    wake: () => forwarder.wake(),
    view: () => forwarder.view(),
    bytesSent: () => 0,
    stop: () => forwarder.stop(0),
  };
};

const boardOf = (i: number) => `board-${i % BOARDS}`;

const bytesWritten = () => Number(/^wchar: (\d+)/m.exec(readFileSync("/proc/self/io", "latin1"))?.[1]);

export const probeWear =
  (load: keyof typeof loads, handOn = handOnToNobody): Probe<Worn> =>
  async ({ warmUpMs }) => {
    const { messages, commits, secondMs } = loads[load];
    const data = mkdtempSync(join(tmpdir(), "bench-wear-"));
    const set = [`store.maxMessages=${MOST_MESSAGES}`, "store.commitDelayMs=0", "store.keepFreeBytes=0"];
    const { config } = loadConfig({ set, env: {}, cwd: "/", home: "/" });
    const hear = { onFault: () => {}, onReopened: async () => {}, onLow: () => {} };
    const { store, open, close } = diskStore(data, config.store, systemClock, hear);
    await open();
    const handedOn = await handOn(
      store,
      Array.from({ length: BOARDS }, (_, i) => boardOf(i)),
    );
    const wait = secondMs === 0 ? async () => {} : hasten(secondMs);
    const writer = new Writer(store);
    const fill = Math.ceil(MOST_MESSAGES / messages);
    const rounds = warmUpMs === 0 ? 3 : fill + commits;
    const written = () => bytesWritten() - handedOn.bytesSent();
    let before = 0;
    for (let i = 0; i < rounds; i++) {
      if (i === Math.min(fill, rounds - 1)) before = written();
      const second = wait();
      await writer.commit(messages);
      handedOn.wake();
      await second;
      while (handedOn.view().behind > MOST_BEHIND) await setTimeout(1);
    }
    const counted = warmUpMs === 0 ? 1 : commits;
    const bytesPerMessage = (written() - before) / (counted * messages);
    const { sent } = handedOn.view();
    await handedOn.stop();
    await close();
    rmSync(data, { recursive: true, force: true });
    return { bytesPerMessage, handedOn: sent };
  };

/** Makes a second of every timer that is set from now on take `secondMs`. -> what waits for one to pass. */
function hasten(secondMs: number): () => Promise<void> {
  const { setTimeout: later, setInterval: again } = globalThis;
  const quick = (ms = 0) => (ms * secondMs) / 1000;
  globalThis.setTimeout = ((act: () => void, ms?: number) =>
    later(act, quick(ms))) as typeof globalThis.setTimeout;
  globalThis.setInterval = ((act: () => void, ms?: number) => again(act, quick(ms))) as typeof setInterval;
  return () => new Promise((resolve) => void later(resolve, secondMs));
}

/** Values that no compression foresees. */
function payloadsOf(count: number): Buffer[] {
  const random = seededRandom(1);
  return Array.from({ length: count }, () => {
    const head = `{"ot":"l:t","t":${1_700_000_000_000 + Math.floor(random() * 1e9)},"v":"`;
    const text = Array.from({ length: PAYLOAD_BYTES - head.length - 2 }, () =>
      Math.floor(random() * 36).toString(36),
    );
    return Buffer.from(`${head}${text.join("")}"}`);
  });
}

class Writer {
  private seq = 0;
  private readonly payloads = payloadsOf(1000);
  private readonly messages = this.payloads.map(
    (payload) => JSON.parse(payload.toString()) as Record<string, unknown>,
  );

  constructor(private readonly store: Store) {}

  /** Resolves once all are safe. */
  commit(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      for (let i = 0; i < count; i++) {
        const at = this.seq % this.payloads.length;
        const payload = this.payloads[at];
        const message = delivered(
          ...([0, boardOf(i), "9f3c0a1b2c3d4e5f", ++this.seq, Date.now()] as const),
          this.messages[at],
        );
        this.store.append(message, payload, 0, payload.length, {
          onCommitted: () => void (i === count - 1 && resolve()),
          onFailed: reject,
        });
      }
    });
  }
}
