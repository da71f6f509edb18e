/** The store as the configuration wants it: on disk, or in memory when that is said in so many words. */
import { readFile } from "node:fs/promises";
import type { Clock } from "../platform/clock.ts";
import type { BowlineError } from "../platform/errors.ts";
import type { Database } from "./database.ts";
import { DiskRoom } from "./disk-room.ts";
import { DurableStore, type StoreOptions } from "./durable-store.ts";
import { FaultyDatabase } from "./faulty-database.ts";
import { LevelDatabase } from "./level-database.ts";
import { MemoryDatabase } from "./memory-database.ts";
import type { Store } from "./store.ts";
import { storeFault } from "./store-fault.ts";
import { StoreFolder } from "./store-folder.ts";

export interface StoreSettings {
  maxMessages: number;
  maxBytes: number;
  maxAgeS: number;
  whenFull: "dropOldest" | "refuse";
  flush: boolean;
  commitDelayMs: number;
  keepFreeBytes: number;
  faults: "none" | "dropUnflushed";
}

/** ms until a store that failed is opened anew. */
const RETRY_MS = 500;

/** A store that can be opened, once. */
export interface OpenableStore {
  store: Store;
  open(): Promise<void>;
  close(): Promise<void>;
}

export function memoryStore(settings: StoreSettings, clock: Clock): OpenableStore {
  const store = new DurableStore(new MemoryDatabase(), {
    ...{ ...settings, folder: "memory", machine: "", clock, retryMs: RETRY_MS },
    commitDelayMs: 0, // there is no flush to share
    low: () => null,
    onFlushed() {},
    onFault() {},
    onReopened() {},
  });
  return { store, open: () => store.start(), close: () => store.stop() };
}

/** Who is told what becomes of it. */
export interface StoreListener extends Pick<StoreOptions, "onFault" | "onReopened"> {
  /** Nothing new is to be kept in it for others, or, null, there is room again. */
  onLow(low: BowlineError | null): void;
}

/** In the folder `data`. */
export function diskStore(
  data: string,
  settings: StoreSettings,
  clock: Clock,
  hear: StoreListener,
): OpenableStore {
  const folder = new StoreFolder(data);
  const level = new LevelDatabase(folder.databasePath);
  const database: Database = settings.faults === "none" ? level : new FaultyDatabase(level);
  const room = new DiskRoom(folder.path, settings.keepFreeBytes, (low) => hear.onLow(low));
  const options: StoreOptions = {
    ...{ ...settings, folder: data, machine: "", clock, retryMs: RETRY_MS },
    ...hear,
    low: () => room.low,
    onFlushed: (commit) => folder.note(commit),
  };
  const store = new DurableStore(database, options);
  const close = () => folder.close(() => database.close());
  return {
    store,
    open: async () => {
      options.machine = await machineId();
      await database.open(await folder.prepare());
      try {
        await folder.opened(await store.load());
        await store.start();
        await room.start();
      } catch (error) {
        await database.close();
        throw storeFault(error, `opening the store in ${data}`, data);
      }
    },
    close: async () => {
      room.stop();
      await store.stop();
      await close();
    },
  };
}

/** What systemd knows this machine by; "" where there is no such file. */
async function machineId(): Promise<string> {
  return (await readFile("/etc/machine-id", "utf8").catch(() => "")).trim();
}
