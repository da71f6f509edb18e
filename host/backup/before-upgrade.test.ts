/** A store that is brought to another form says how far it has come, in the log and to whoever waits for the start. */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Log } from "../platform/log.ts";
import type { Migration } from "../store/migrate.ts";
import { folderForEach } from "../testing/folders.ts";
import { upgradeOf } from "./before-upgrade.ts";
import { fillFolder, storeOf } from "./testing/data-folder.ts";

const folder = folderForEach("before-upgrade");
const step: Migration = {
  ...{ to: { format: 1, minor: 1 }, name: "documents get a mark", prefix: "t/" },
  change: (key, value) => (value instanceof Uint8Array ? [] : [{ key, value: { ...value, mark: 1 } }]),
};
const next = { format: step.to, steps: [step] };

/** `everyMs`: between two looks at the clock. -> what was logged, and what was said to who waits. */
async function upgraded(everyMs: number): Promise<[logged: string[], said: string[]]> {
  const data = join(folder(), "data");
  await fillFolder(data, { messages: 5, documents: 2600 });
  const [logged, said]: [string[], string[]] = [[], []];
  const note = (_: object, text: string) =>
    void logged.push(text.replace(/in .*before-upgrade.*/, "in FILE"));
  const log: Log = { debug: note, info: note, warn: note, error: note };
  let now = 0;
  const clock = {
    now: () => {
      now += everyMs;
      return now;
    },
  };
  const tell = (words: string) => void said.push(words.replace(/in .*before-upgrade.*/, "in FILE"));
  await storeOf(data, upgradeOf({ data, gateway: { id: "attic" } }, log, clock, tell, next));
  return [logged, said];
}

const first = "the store is of format 1.0, and is made 1.1 after a backup";
const kept = "everything as it was is in FILE";
const last = "documents get a mark: 2600 documents, done";

test("one that takes a moment says what it does, and that it is done", async () => {
  const [logged, said] = await upgraded(0);
  expect(logged).toEqual([first, kept, last]);
  expect(said).toEqual(logged);
});

test("one that takes long says so every few seconds, while it makes the backup as well", async () => {
  const [logged, said] = await upgraded(5000);
  expect(said).toEqual(logged);
  expect(logged.filter((line) => line.startsWith("backup before the upgrade: ")).length).toBeGreaterThan(1);
  expect(logged.filter((line) => line.startsWith("documents get a mark: "))).toEqual([
    ...[500, 1000, 1500, 2000, 2500].map((count) => `documents get a mark: ${count} documents`),
    last,
  ]);
});
