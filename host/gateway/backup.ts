/** All that a gateway keeps, as of one moment, as a backup has it. */
import { nothingKept } from "../backup/format.ts";
import { backupStream } from "../backup/write-backup.ts";
import type { Config } from "../config/schema.ts";
import type { History } from "../history/history.ts";
import { OWN_FORMAT } from "../store/store-format.ts";
import type { KeptStore } from "./kept-store.ts";

export interface Wanted {
  history: boolean;
  /** Path of the configuration file, where there is one. */
  configuration?: string;
}

/** Throws BACKUP_MEMORY where nothing is kept, and what keeps the history from being read. */
export function backupOf(
  { data, gateway }: Pick<Config, "data" | "gateway">,
  kept: KeptStore,
  history: History,
  wanted: Wanted,
): AsyncIterable<Uint8Array> {
  if (data === "memory") throw nothingKept();
  const { configuration } = wanted;
  // The history first: it is never ahead of the store.
  const values = wanted.history ? history.all() : undefined;
  try {
    return backupStream({
      ...{ gateway: gateway.id, data, format: OWN_FORMAT, store: kept.all() },
      ...(values !== undefined && { history: values }),
      ...(configuration !== undefined && { configuration }),
    });
  } catch (error) {
    void values?.close();
    throw error;
  }
}
