/**
 * What a store of an older form goes through before this release has it: a backup, the last three of which are kept in
 * backups/ of the data folder, and a line of the log for each step.
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Clock } from "../platform/clock.ts";
import { BowlineError } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import type { Entry, Snapshot } from "../store/database.ts";
import { migrations } from "../store/migrate.ts";
import type { Upgrade } from "../store/open-store.ts";
import { formatWords, OWN_FORMAT } from "../store/store-format.ts";
import { keepBackup } from "./backup-file.ts";
import { backupStream, type Sources } from "./write-backup.ts";

const KEPT = 3;
const NAME = /^before-upgrade-.*\.bowline$/;
const UNFINISHED = /^before-upgrade-.*\.tmp$/;
/** How often is said how far a step has come. */
const SAY_MS = 5000;

interface Named {
  data: string;
  gateway: { id: string };
}

/** `onSaid`: each line of the log as well. `ofTest`: another form, and steps to it, than this release's. */
export function upgradeOf(
  { data, gateway }: Named,
  log: Log,
  clock: Pick<Clock, "now">,
  onSaid: (words: string) => void = () => {},
  ofTest: Partial<Pick<Upgrade, "format" | "steps">> = {},
): Upgrade {
  let saidAt = clock.now();
  const say = (fields: object, words: string) => {
    saidAt = clock.now();
    log.info({ about: "store", ...fields }, words);
    onSaid(words);
  };
  const isSaid = () => clock.now() - saidAt < SAY_MS;
  return {
    ...{ format: OWN_FORMAT, steps: migrations, ...ofTest },
    backup: async (store, from, to) => {
      const words = `the store is of format ${formatWords(from)}, and is made ${formatWords(to)} after a backup`;
      say({}, words);
      const counted = countedOf(store, (entries) => {
        if (!isSaid()) say({ entries }, `backup before the upgrade: ${entries} entries`);
      });
      const file = await keepBeforeUpgrade({ gateway: gateway.id, data, format: from, store: counted });
      say({ file }, `everything as it was is in ${file}`);
      return basename(file);
    },
    onProgress: (step, documents, isDone) => {
      if (!isDone && isSaid()) return;
      say({ step, documents }, `${step}: ${documents} documents${isDone ? ", done" : ""}`);
    },
  };
}

/** The same, telling how many entries were read so far. */
function countedOf(store: Snapshot, tell: (entries: number) => void): Snapshot {
  async function* read(): AsyncGenerator<Entry[], undefined> {
    let entries = 0;
    for await (const some of store) {
      yield some;
      entries += some.length;
      tell(entries);
    }
  }
  return { [Symbol.asyncIterator]: read, close: () => store.close() };
}

/** -> the file. Rejects as keepBackup() does: then nothing may be changed. */
async function keepBeforeUpgrade(sources: Sources): Promise<string> {
  const folder = join(sources.data, "backups");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Of tries that were killed.
  for (const name of await readdir(folder)) if (UNFINISHED.test(name)) await rm(join(folder, name));
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const file = join(folder, `before-upgrade-${time}-of-${formatWords(sources.format)}.bowline`);
  await keepBackup(file, backupStream(sources)).catch((error) => {
    throw withoutBackup(error);
  });
  // A clock that is behind does not make this one the oldest.
  const others = (await readdir(folder)).filter((name) => NAME.test(name) && name !== basename(file)).sort();
  for (const old of others.slice(0, Math.max(0, others.length - KEPT + 1))) await rm(join(folder, old));
  return file;
}

function withoutBackup(error: unknown): unknown {
  if (!(error instanceof BowlineError)) return error;
  const text = `${error.message}; without a backup the store is given no new form, and nothing was changed`;
  return new BowlineError(error.code, text, error.exitCode, error.mend);
}
