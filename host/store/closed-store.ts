/** A store that no gateway has: read as it is, or made of what a backup holds. */
import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../platform/clock.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { Commits } from "./commits.ts";
import type { Change, Entry, Snapshot } from "./database.ts";
import { LevelDatabase } from "./level-database.ts";
import { type Migration, migrate, migrations, stepsFrom } from "./migrate.ts";
import { damage, storeFault } from "./store-fault.ts";
import { StoreFolder } from "./store-folder.ts";
import { OWN_FORMAT, type StoreFormat } from "./store-format.ts";
import { readState } from "./store-state.ts";

/** Nothing is given up meanwhile. */
const UNBOUNDED = { maxMessages: Infinity, maxBytes: Infinity, maxAgeS: 0, whenFull: "refuse" } as const;

/**
 * Calls `use` with every entry, while no other process may have it. Rejects with STORE_LOCKED when one has, STORE_MISSING
 * where there is none.
 */
export async function readClosedStore<T>(
  data: string,
  use: (all: Snapshot, format: StoreFormat) => Promise<T>,
): Promise<T> {
  const { uid } = await stat(join(data, "store", "CURRENT")).catch((error) => {
    throw error.code === "ENOENT" ? missing(data) : storeFault(error, `opening the store in ${data}`, data);
  });
  // Opening it writes: what is root's there its gateway could not open any more.
  if (process.geteuid?.() === 0 && uid !== 0) throw anothers(data, uid);
  const folder = new StoreFolder(data);
  await folder.prepare();
  const database = new LevelDatabase(folder.databasePath);
  await database.open(false);
  try {
    const state = await readState(database);
    if (typeof state === "string") throw damage(state, data);
    await folder.opened(state.commit);
    const all = database.all();
    try {
      return await use(all, folder.marker ?? OWN_FORMAT);
    } finally {
      await all.close();
    }
  } finally {
    await folder.close(() => database.close());
  }
}

function anothers(data: string, uid: number): BowlineError {
  const text = `reading the store in ${data} as root: it is user ${uid}'s, who could not open what root leaves there`;
  const mend = `start its gateway and ask that; or sudo -u '#${uid}' bowline backup FILE --data ${data}`;
  return new BowlineError("STORE_PERMISSION", text, ExitCode.permission, mend);
}

function missing(data: string): BowlineError {
  const text = `reading the store in ${data}: there is none`;
  const mend = '--data with the folder that the gateway printed behind "store"';
  return new BowlineError("STORE_MISSING", text, ExitCode.notFound, mend);
}

/** A store that is filled from elsewhere. Used in this order: open, add, finish, close; close also after a fault. */
export class NewStore {
  private readonly folder: StoreFolder;
  private readonly database: LevelDatabase;
  private isOpen = false;

  constructor(
    private readonly data: string,
    private readonly steps: readonly Migration[] = migrations,
  ) {
    this.folder = new StoreFolder(data);
    this.database = new LevelDatabase(this.folder.databasePath);
  }

  async open(): Promise<void> {
    await this.folder.prepare();
    await this.database.open(true);
    this.isOpen = true;
  }

  async add(entries: readonly Entry[]): Promise<void> {
    const changes = entries.map(([key, value]): Change => ({ type: "put", key, value }));
    await this.database.write(changes, true);
  }

  /**
   * Checks that it is whole, makes its form this release's, and gives it an epoch of its own: what speaks with the epoch
   * that the backup has may still be there. Rejects with STORE_CORRUPT.
   */
  async finish(format: StoreFormat): Promise<void> {
    const { data, folder } = this;
    const commits = new Commits(
      this.database,
      { ...UNBOUNDED, folder: data, clock: systemClock },
      () => {}, // whoever reads hears of it
    );
    await commits.load();
    const store = {
      page: <T>(prefix: string, after: string, limit: number) =>
        commits.documents<T>({ prefix, after, limit }),
      rewrite: (changes: Parameters<Commits["write"]>[0]) => commits.write(changes, null, true),
    };
    await migrate(store, stepsFrom(format, this.steps), () => {});
    // The machine that it is started on first is its own.
    await commits.identify({ epoch: randomBytes(8).toString("hex"), machine: "" });
    await folder.opened(commits.last);
    folder.note(commits.last);
    await folder.stamp();
  }

  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    await this.folder.close(() => this.database.close());
  }
}
