/** Stores for tests, opened: in memory, or over a database of the test's own. */
import type { Database } from "../store/database.ts";
import { DurableStore, type StoreOptions } from "../store/durable-store.ts";
import { MemoryDatabase } from "../store/memory-database.ts";

const storeOptions: StoreOptions = {
  folder: "test",
  maxMessages: 1_000_000,
  maxBytes: 1e9,
  maxAgeS: 0,
  whenFull: "dropOldest",
  flush: true,
  commitDelayMs: 0,
  machine: "",
  now: () => 0,
  onFault: () => {},
};

export async function openTestStore(
  database: Database = new MemoryDatabase(),
  options: Partial<StoreOptions> = {},
): Promise<DurableStore> {
  const store = new DurableStore(database, { ...storeOptions, ...options });
  await database.open(true);
  await store.start();
  return store;
}
