/** The store as the configuration wants it: on disk, or in memory when that is said in so many words. */
import { readFile } from "node:fs/promises";
import type { Clock } from "../platform/clock.ts";
import type { BowlineError } from "../platform/errors.ts";
import type { Database } from "./database.ts";
import { DurableStore, type StoreOptions } from "./durable-store.ts";
import { FaultyDatabase } from "./faulty-database.ts";
import { LevelDatabase } from "./level-database.ts";
import { MemoryDatabase } from "./memory-database.ts";
import type { Store } from "./store.ts";
import { StoreFolder } from "./store-folder.ts";

export interface StoreSettings {
  maxMessages: number;
  maxBytes: number;
  maxAgeS: number;
  whenFull: "dropOldest" | "refuse";
  flush: boolean;
  commitDelayMs: number;
  faults: "none" | "dropUnflushed";
}

/** A store that can be opened, once. */
export interface OpenableStore {
  store: Store;
  open(): Promise<void>;
  close(): Promise<void>;
}

export function memoryStore(settings: StoreSettings, clock: Clock): OpenableStore {
  const store = new DurableStore(
    new MemoryDatabase(),
    optionsOf("memory", settings, clock, () => {}),
  );
  return { store, open: () => store.start(), close: async () => void (await store.stop()) };
}

/** In the folder `data`. `onFault`: it takes nothing any more, or, null, again. */
export function diskStore(
  data: string,
  settings: StoreSettings,
  clock: Clock,
  onFault: StoreOptions["onFault"],
): OpenableStore {
  const folder = new StoreFolder(data);
  const level = new LevelDatabase(folder.databasePath);
  const database: Database = settings.faults === "none" ? level : new FaultyDatabase(level);
  const options = optionsOf(data, settings, clock, onFault);
  const store = new DurableStore(database, options);
  return {
    store,
    open: async () => {
      options.machine = await machineId();
      await database.open(await folder.prepare());
      const fault = await start(store, folder).catch((error: BowlineError) => error);
      if (fault === null) return;
      await database.close();
      throw fault;
    },
    close: async () => {
      const lastCommit = await store.stop();
      await database.close();
      if (store.fault === null) await folder.closed(lastCommit);
    },
  };
}

async function start(store: DurableStore, folder: StoreFolder): Promise<BowlineError | null> {
  const fault = await folder.opened(await store.load());
  if (fault === null) await store.start();
  return fault;
}

function optionsOf(
  folder: string,
  settings: StoreSettings,
  clock: Clock,
  onFault: StoreOptions["onFault"],
): StoreOptions {
  const [wall, now] = [clock.wall(), clock.now()];
  return { ...settings, folder, machine: "", now: () => wall + clock.now() - now, onFault };
}

/** What systemd knows this machine by; "" where there is no such file. */
async function machineId(): Promise<string> {
  return (await readFile("/etc/machine-id", "utf8").catch(() => "")).trim();
}
