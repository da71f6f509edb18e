/** Data folders as every release so far made them are this release's after they were opened. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { keepBackup } from "../backup/backup-file.ts";
import { upgradeOf } from "../backup/before-upgrade.ts";
import { backupOfFolder } from "../backup/closed-folder.ts";
import { examineBackup } from "../backup/examine.ts";
import { restoreBackup } from "../backup/restore.ts";
import { fillFolder, openFolder, storeOf } from "../backup/testing/data-folder.ts";
import type { Fixture } from "../backup/testing/make-fixture.ts";
import { silentLog } from "../platform/log.ts";
import { folderForEach } from "../testing/folders.ts";
import { NewStore, readClosedStore } from "./closed-store.ts";
import type { Migration } from "./migrate.ts";
import { formatWords, OWN_FORMAT } from "./store-format.ts";

const folder = folderForEach("formats");
const data = () => join(folder(), "data");
const fixtures = fileURLToPath(new URL("./fixtures", import.meta.url));
const names = readdirSync(fixtures);

function unpack(name: string): void {
  const { files } = JSON.parse(readFileSync(join(fixtures, name), "utf8")) as Fixture;
  for (const [place, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(data(), place)), { recursive: true });
    writeFileSync(join(data(), place), Buffer.from(bytes, "base64"));
  }
}

const named = { gateway: { id: "attic" }, data: "" };
const clock = { now: () => 0 };
const upgrade = (ofTest = {}) => upgradeOf({ ...named, data: data() }, silentLog, clock, () => {}, ofTest);

test("there is one of this release's format: node scripts/store-fixture.mjs", () => {
  expect(names).toContain(`format-${formatWords(OWN_FORMAT)}.json`);
});

describe.each(names)("the data of %s", (name) => {
  test("is read whole, and taken over", async () => {
    unpack(name);
    const { messages, documents, watermarks } = await storeOf(data(), upgrade());
    expect(messages.map(({ n, device, seq, message }) => [n, device, seq, message])).toEqual(
      Array.from({ length: 60 }, (_, i) => [i + 1, "sim-1", i + 1, { ot: "l:temp", v: i + 1 }]),
    );
    expect(documents).toHaveLength(20);
    expect(watermarks).toMatchObject([{ seq: 60, delivered: 60 }]);
    const { format, minor } = JSON.parse(readFileSync(join(data(), "store.json"), "utf8"));
    expect({ format, minor }).toEqual(OWN_FORMAT);
  });

  test("is backed up, and restored", async () => {
    unpack(name);
    const file = join(folder(), "a.bowline");
    const wanted = { data: data(), gateway: "attic", hasHistory: false };
    await backupOfFolder(wanted, (bytes) => keepBackup(file, bytes));
    await restoreBackup(file, join(folder(), "other"), { isForced: false });
    const [before, after] = [await storeOf(data()), await storeOf(join(folder(), "other"))];
    expect({ ...after, epoch: "" }).toEqual({ ...before, epoch: "" });
  });
});

describe("before an upgrade", () => {
  const step: Migration = {
    ...{ to: { format: 1, minor: 1 }, name: "documents get a mark", prefix: "t/" },
    change: (key, value) =>
      "mark" in value || value instanceof Uint8Array ? [] : [{ key, value: { ...value, mark: 1 } }],
  };
  const next = { format: step.to, steps: [step] };
  const backups = () => readdirSync(join(data(), "backups")).sort();

  test("everything is kept in backups/, the last three times, beside what boards held", async () => {
    await fillFolder(data(), { messages: 5, documents: 3 });
    mkdirSync(join(data(), "backups"));
    writeFileSync(join(data(), "backups/30003B-0001.json"), "{}");
    const older = ["20200101T000000Z", "20210101T000000Z", "20220101T000000Z"];
    for (const time of older)
      writeFileSync(join(data(), `backups/before-upgrade-${time}-of-1.0.bowline`), "");
    await storeOf(data(), upgrade(next));
    const [board, ...kept] = backups();
    expect([board, kept.length, kept[0]]).toEqual([
      ...["30003B-0001.json", 3, "before-upgrade-20210101T000000Z-of-1.0.bowline"],
    ]);
    expect(await examineBackup(join(data(), "backups", kept[2]))).toMatchObject({
      ...{ gateway: "attic", messages: 5, documents: 3 },
    });
  });

  test("by a clock that is behind, the one just made stays all the same; what a killed try left is removed", async () => {
    await fillFolder(data(), { messages: 5, documents: 3 });
    mkdirSync(join(data(), "backups"));
    const times = ["20970101T000000Z", "20980101T000000Z", "20990101T000000Z"];
    const named = (time: string) => `before-upgrade-${time}-of-1.0.bowline`;
    for (const time of times) writeFileSync(join(data(), "backups", named(time)), "");
    writeFileSync(join(data(), "backups", `${named("20960101T000000Z")}.tmp`), "");
    await storeOf(data(), upgrade(next));
    const [own, ...others] = backups();
    expect(others).toEqual(times.slice(1).map(named));
    expect(await examineBackup(join(data(), "backups", own))).toMatchObject({ messages: 5 });
  });

  test("without a place for the backup nothing is changed", async () => {
    await fillFolder(data(), { messages: 5, documents: 3 });
    const before = await storeOf(data());
    writeFileSync(join(data(), "backups"), "");
    await expect(openFolder(data(), upgrade(next)).open()).rejects.toThrow(/backups/);
    expect(await storeOf(data())).toEqual(before);
  });

  test("what was kept, restored by a newer release, is of its form", async () => {
    await fillFolder(data(), { messages: 5, documents: 3 });
    const made = new NewStore(join(folder(), "other"), [step]);
    await readClosedStore(data(), async (all, format) => {
      await made.open();
      for await (const entries of all) await made.add(entries);
      await made.finish(format);
      await made.close();
    });
    const { documents, messages } = await storeOf(join(folder(), "other"));
    expect(messages).toHaveLength(5);
    expect(documents.map(([, value]) => (value as { mark?: number }).mark)).toEqual([1, 1, 1]);
  });
});
