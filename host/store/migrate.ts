/**
 * From the form an older release left to that of this one: named steps, each over the documents of a prefix.
 *
 *   backup ─▶ step by step, some documents a commit ─▶ store.json
 *
 * Killed anywhere it is begun anew by the next start, so a step leaves alone what it has made already. Until store.json
 * says otherwise the release before may be started again: it reads what a minor above its own has made.
 */
import type { RecordChange } from "./store.ts";
import { compareFormats, type StoreFormat } from "./store-format.ts";

export interface Migration {
  /** What the store has once it is done. */
  to: StoreFormat;
  /** As the log says it. */
  name: string;
  /** Keys of the documents it looks at. */
  prefix: string;
  /** What is to be written for one; nothing for one that is as it is to be. */
  change(key: string, value: object): RecordChange[];
}

/** Of this release, in their order: there is one format so far. */
export const migrations: readonly Migration[] = [];

/** What a migration needs of a store that is loaded and not started. */
export interface Migratable {
  page<T>(prefix: string, after: string, limit: number): Promise<[key: string, value: T][]>;
  /** Resolves once it is on the disk. */
  rewrite(changes: RecordChange[]): Promise<void>;
}

/** Documents of one commit. */
const AT_ONCE = 500;

/** The steps from that format on. */
export function stepsFrom(found: StoreFormat, steps: readonly Migration[]): Migration[] {
  return steps.filter(({ to }) => compareFormats(to, found) > 0);
}

/** Rejects as the store does. `onProgress`: so many documents were looked at, and those were all, or not. */
export async function migrate(
  store: Migratable,
  steps: readonly Migration[],
  onProgress: (name: string, documents: number, isDone: boolean) => void,
): Promise<void> {
  for (const { name, prefix, change } of steps) {
    let count = 0;
    for (let after = ""; ; ) {
      const found = await store.page<object>(prefix, after, AT_ONCE);
      const changes = found.flatMap(([key, value]) => change(key, value));
      if (changes.length > 0) await store.rewrite(changes);
      count += found.length;
      const isDone = found.length < AT_ONCE;
      onProgress(name, count, isDone);
      if (isDone) break;
      after = found[found.length - 1][0];
    }
  }
}
