/** Data folders with a store in them, for tests. */
import { systemClock } from "../../platform/clock.ts";
import { diskStore, type OpenableStore, type StoreSettings, type Upgrade } from "../../store/open-store.ts";
import type { DeliveredMessage } from "../../store/store.ts";
import { appendTo, outcome } from "../../testing/stores.ts";

const settings: StoreSettings = {
  ...{ maxMessages: 1_000_000, maxBytes: 1e9, maxAgeS: 0, whenFull: "dropOldest" },
  ...{ flush: true, commitDelayMs: 0, keepFreeBytes: 0, faults: "none" },
};

/** Commits that messages come in at least: many of them share one. */
const COMMITS = 200;

export function openFolder(data: string, upgrade?: Upgrade): OpenableStore {
  return diskStore(data, settings, systemClock, { onFault() {}, onReopened() {}, onLow() {} }, upgrade);
}

export interface Filling {
  /** Of sim-1, numbered on. */
  messages: number;
  documents: number;
  isLeftOpen?: boolean;
}

/** Adds to what is there. -> what closes it, which has been called unless it is left open. */
export async function fillFolder(
  data: string,
  { messages, documents, isLeftOpen = false }: Filling,
): Promise<{ close(): Promise<void> }> {
  const one = openFolder(data);
  await one.open();
  const { store } = one;
  const { next } = store;
  const atOnce = Math.ceil(messages / COMMITS);
  for (let seq = next, end = next + messages; seq < end; ) {
    const some = Array.from({ length: Math.min(atOnce, end - seq) }, (_, i) => seq + i);
    await Promise.all(some.map((one) => appendTo(store, "sim-1", one, { ot: "l:temp", v: one })));
    seq += some.length;
  }
  const changes = Array.from({ length: documents }, (_, i) => ({
    key: `t/${String(i).padStart(6, "0")}`,
    // Every fifth is bytes: they lie elsewhere.
    value: i % 5 === 4 ? Buffer.from(`bytes ${i}`) : { i },
  }));
  await outcome((waiter) => store.put(changes, waiter));
  if (!isLeftOpen) await one.close();
  return { close: () => one.close() };
}

export interface FoundStore {
  epoch: string;
  messages: DeliveredMessage[];
  documents: [string, unknown][];
  watermarks: readonly object[];
}

/** What a store holds, opened and closed as a gateway does. */
export async function storeOf(data: string, upgrade?: Upgrade): Promise<FoundStore> {
  const one = openFolder(data, upgrade);
  await one.open();
  const { store } = one;
  const found = {
    epoch: store.epoch,
    messages: await store.read(0, 1_000_000),
    documents: (await store.records<unknown>("")).map(([key, value]): [string, unknown] => [
      key,
      value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
    ]),
    watermarks: store.watermarks("sim-1"),
  };
  await one.close();
  return found;
}
