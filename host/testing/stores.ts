/** Stores for tests, opened: in memory, or over a database of the test's own; and what is handed to them. */
import type { BowlineError } from "../platform/errors.ts";
import type { Database } from "../store/database.ts";
import { DurableStore, type StoreOptions } from "../store/durable-store.ts";
import { delivered } from "../store/group.ts";
import { MemoryDatabase } from "../store/memory-database.ts";
import type { DeliveredMessage, Mark, RecordChange, Store, Waiter } from "../store/store.ts";

const storeOptions: StoreOptions = {
  folder: "test",
  maxMessages: 1_000_000,
  maxBytes: 1e9,
  maxAgeS: 0,
  whenFull: "dropOldest",
  flush: true,
  commitDelayMs: 0,
  retryMs: 20,
  machine: "",
  low: () => null,
  clock: { now: () => performance.now(), wall: () => 0 },
  onFlushed: () => {},
  onFault: () => {},
  onReopened: () => {},
};

export function newTestStore(
  database: Database = new MemoryDatabase(),
  options: Partial<StoreOptions> = {},
): DurableStore {
  return new DurableStore(database, { ...storeOptions, ...options });
}

export async function openTestStore(
  database: Database = new MemoryDatabase(),
  options: Partial<StoreOptions> = {},
): Promise<DurableStore> {
  const store = newTestStore(database, options);
  await database.open(true);
  await store.start();
  return store;
}

interface AppendOptions {
  epoch?: string;
  at?: number;
  changes?: RecordChange[];
  mark?: Mark;
}

/** What became of it: resolves with the message once it is committed, with the code of the fault when it is not. */
export function appendTo(
  store: Store,
  device: string,
  seq: number,
  content: Record<string, unknown> = { v: seq },
  { epoch = "e", at = 0, changes, mark }: AppendOptions = {},
): Promise<DeliveredMessage | string> {
  const payload = Buffer.from(JSON.stringify(content));
  const message = delivered(0, device, epoch, seq, at, content);
  return outcome((waiter) => store.append(message, payload, 0, payload.length, waiter, changes, mark)).then(
    (code) => (code === "" ? message : code),
  );
}

/** Resolves with "" once what `hand` handed over is committed, with the code of the fault when it is not. */
export function outcome(hand: (waiter: Waiter) => void): Promise<string> {
  return new Promise((resolve) => {
    hand({ onCommitted: () => resolve(""), onFailed: ({ code }: BowlineError) => resolve(code) });
  });
}
