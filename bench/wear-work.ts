/** W1 at work: messages into a store on disk, as many in a commit as come in a second, and handed on meanwhile. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../host/config/load.ts";
import { Forwarder } from "../host/northbound/forwarder.ts";
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
  calm: { messages: 10, commits: 6000 },
  full: { messages: 1000, commits: 300 },
} as const;
/** So that the store gives up as many as it takes, merges and all. */
const MOST_MESSAGES = 20_000;

export interface Worn {
  /** Bytes handed to the system to be written, a message, once the store is full. */
  bytesPerMessage: number;
  handedOn: number;
}

const bytesWritten = () => Number(/^wchar: (\d+)/m.exec(readFileSync("/proc/self/io", "latin1"))?.[1]);

export const probeWear =
  (load: keyof typeof loads): Probe<Worn> =>
  async ({ warmUpMs }) => {
    const { messages, commits } = loads[load];
    const data = mkdtempSync(join(tmpdir(), "bench-wear-"));
    const set = [`store.maxMessages=${MOST_MESSAGES}`, "store.commitDelayMs=0", "store.keepFreeBytes=0"];
    const { config } = loadConfig({ set, env: {}, cwd: "/", home: "/" });
    const hear = { onFault: () => {}, onReopened: async () => {}, onLow: () => {} };
    const { store, open, close } = diskStore(data, config.store, systemClock, hear);
    await open();
    const name = "bench";
    const forwarder = new Forwarder({
      ...{ name, from: "oldest", accepts: () => true, store, clock: systemClock, log: silentLog },
    });
    await forwarder.load();
    forwarder.begin({ window: 2 * BOARDS, send: async () => 0 });
    const writer = new Writer(store);
    const fill = Math.ceil(MOST_MESSAGES / messages);
    const rounds = warmUpMs === 0 ? 3 : fill + commits;
    let before = 0;
    for (let i = 0; i < rounds; i++) {
      if (i === Math.min(fill, rounds - 1)) before = bytesWritten();
      await writer.commit(messages);
      forwarder.wake();
    }
    const counted = warmUpMs === 0 ? 1 : commits;
    const bytesPerMessage = (bytesWritten() - before) / (counted * messages);
    const handedOn = forwarder.view().sent;
    await forwarder.stop(0);
    await close();
    rmSync(data, { recursive: true, force: true });
    return { bytesPerMessage, handedOn };
  };

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

  constructor(private readonly store: Store) {}

  /** Resolves once all are safe. */
  commit(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      for (let i = 0; i < count; i++) {
        const payload = this.payloads[this.seq % this.payloads.length];
        const message = delivered(
          ...([0, `board-${i % BOARDS}`, "9f3c0a1b2c3d4e5f", ++this.seq, Date.now()] as const),
          {},
        );
        this.store.append(message, payload, 0, payload.length, {
          onCommitted: () => void (i === count - 1 && resolve()),
          onFailed: reject,
        });
      }
    });
  }
}
