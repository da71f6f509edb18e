/** The store as the configuration wants it: on disk, or in memory when that is said in so many words. */
import { readFile } from "node:fs/promises";
import type { Clock } from "../platform/clock.ts";
import type { BowlineError } from "../platform/errors.ts";
import type { Database, Snapshot } from "./database.ts";
import { DiskRoom } from "./disk-room.ts";
import { DurableStore, type StoreOptions } from "./durable-store.ts";
import { FaultyDatabase } from "./faulty-database.ts";
import { LevelDatabase } from "./level-database.ts";
import { MemoryDatabase } from "./memory-database.ts";
import { type Migration, migrate, stepsFrom } from "./migrate.ts";
import type { Store } from "./store.ts";
import { storeFault } from "./store-fault.ts";
import { StoreFolder } from "./store-folder.ts";
import type { StoreFormat } from "./store-format.ts";

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
  /** Every entry of its last commit, as they lie in the database, once it is open. */
  all(): Snapshot;
}

export function memoryStore(settings: StoreSettings, clock: Clock): OpenableStore {
  const database = new MemoryDatabase();
  const store = new DurableStore(database, {
    ...{ ...settings, folder: "memory", machine: "", clock, retryMs: RETRY_MS },
    commitDelayMs: 0, // there is no flush to share
    low: () => null,
    onFlushed() {},
    onFault() {},
    onReopened() {},
  });
  return { store, all: () => database.all(), open: () => store.start(), close: () => store.stop() };
}

/** Who is told what becomes of it. */
export interface StoreListener extends Pick<StoreOptions, "onFault" | "onReopened"> {
  /** Nothing new is to be kept in it for others, or, null, there is room again. */
  onLow(low: BowlineError | null): void;
}

/** What an older store takes to be this release's. */
export interface Upgrade {
  format: StoreFormat;
  steps: readonly Migration[];
  /** Keeps everything as it is -> the file it is in. Rejected, nothing is changed. */
  backup(all: Snapshot, from: StoreFormat, to: StoreFormat): Promise<string>;
  /** So many documents of a step were looked at. */
  onProgress(step: string, documents: number, isDone: boolean): void;
}

/** In the folder `data`. */
export function diskStore(
  data: string,
  settings: StoreSettings,
  clock: Clock,
  hear: StoreListener,
  upgrade?: Upgrade,
): OpenableStore {
  const folder = new StoreFolder(data, upgrade?.format);
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
    all: () => database.all(),
    open: async () => {
      options.machine = await machineId();
      await database.open(await folder.prepare());
      try {
        await folder.opened(await store.load());
        if (upgrade !== undefined) await upgradeStore(folder, store, database, upgrade);
        await folder.stamp();
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

/** Brings a store that is loaded to this release's form; one that is newer is as it is to be read. */
async function upgradeStore(
  folder: StoreFolder,
  store: DurableStore,
  database: Database,
  { format, steps, backup, onProgress }: Upgrade,
): Promise<void> {
  const { marker } = folder;
  const due = marker === null ? [] : stepsFrom(marker, steps);
  if (marker === null || due.length === 0) return;
  // One that was begun and killed has its backup: another would be of what is half done.
  if (marker.backup === undefined) {
    const all = database.all();
    try {
      await folder.stamp(marker, await backup(all, marker, format));
    } finally {
      await all.close();
    }
  }
  await migrate(store, due, onProgress);
}

/** What systemd knows this machine by; "" where there is no such file. */
async function machineId(): Promise<string> {
  return (await readFile("/etc/machine-id", "utf8").catch(() => "")).trim();
}
