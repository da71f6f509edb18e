/** The backup of a data folder that no gateway has. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { historyPlace } from "../history/history-place.ts";
import { readClosedStore } from "../store/closed-store.ts";
import { backupStream, type Sources } from "./write-backup.ts";

export type Wanted = Pick<Sources, "gateway" | "data" | "configuration"> & { hasHistory: boolean };

/** Calls `use` with the bytes; nobody may have the folder meanwhile. Rejects as readClosedStore() does. */
export function backupOfFolder<T>(
  { hasHistory, ...wanted }: Wanted,
  use: (bytes: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  return readClosedStore(wanted.data, async (store, format) => {
    if (!hasHistory || !(await hasOne(wanted.data))) return use(backupStream({ ...wanted, store, format }));
    const place = historyPlace(wanted.data);
    const database = await place.open();
    try {
      return await use(backupStream({ ...wanted, store, format, history: database.all() }));
    } finally {
      await place.close(database);
    }
  });
}

async function hasOne(data: string): Promise<boolean> {
  return stat(join(data, "history", "CURRENT")).then(
    () => true,
    (error) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
}
