import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderForEach } from "../testing/folders.ts";
import { type Backup, lastBackup, loadBackup, storeBackup } from "./backup.ts";

const folder = folderForEach("backup");
const SERIAL = "30003b 0000/17";

function backup(files: Record<string, string> = {}, serial = SERIAL): Backup {
  const inBase64 = Object.entries(files).map(([name, text]) => [name, Buffer.from(text).toString("base64")]);
  return {
    format: 1,
    board: "PICO_R1_3",
    serial,
    espruino: "2v29",
    at: "2026-11-26T12:00:00.000Z",
    files: Object.fromEntries(inBase64),
  };
}

const below = () => join(folder(), "kept");

test("a backup is kept for its owner only, in a folder of the same kind, and read back as it was", async () => {
  const made = backup({ ".bootcde": "print(1)", "bowline.json": '{"key":"secret"}' });
  const stored = await storeBackup(below(), made);
  expect(stored).toEqual({
    path: join(below(), "30003b-0000-17-0001.json"),
    isNew: true,
    files: { ".bootcde": 8, "bowline.json": 16 },
  });
  expect(statSync(stored.path).mode & 0o777).toBe(0o600);
  expect(statSync(below()).mode & 0o777).toBe(0o700);
  expect(await lastBackup(below(), SERIAL)).toEqual({ path: stored.path, backup: made });
});

test("the same again is not written; something else is, and the same after it too", async () => {
  const isNew = [];
  for (const text of ["a", "a", "b", "a"])
    isNew.push((await storeBackup(below(), backup({ f: text }))).isNew);
  expect(isNew).toEqual([true, false, true, true]);
  expect((await lastBackup(below(), SERIAL)).backup.files.f).toBe(Buffer.from("a").toString("base64"));
});

test("a board that held nothing has a backup too, for it can be put back", async () => {
  await storeBackup(below(), backup());
  expect((await lastBackup(below(), SERIAL)).backup.files).toEqual({});
});

test("the last ten of a board are kept, and those of others are left alone", async () => {
  await storeBackup(below(), backup({ f: "other" }, "30003b"));
  for (let i = 1; i <= 12; i++) await storeBackup(below(), backup({ f: `${i}` }));
  const names = readdirSync(below()).sort();
  expect(names).toHaveLength(11);
  expect(names.at(-1)).toBe("30003b-0001.json");
  expect(names[0]).toBe("30003b-0000-17-0003.json");
  expect((await lastBackup(below(), SERIAL)).path).toMatch(/0012\.json$/);
});

test("without a backup, or with a damaged one, it is said which", async () => {
  await expect(lastBackup(below(), SERIAL)).rejects.toMatchObject({ code: "FLASH_NO_BACKUP", exitCode: 3 });
  const { path } = await storeBackup(below(), backup());
  const like = (more: object) => JSON.stringify({ ...backup(), ...more });
  const damaged = [
    "{",
    "null",
    '{"format":2}',
    like({ files: null }),
    like({ files: { f: 5 } }),
    like({ at: 5 }),
  ];
  for (const text of damaged) {
    writeFileSync(path, text);
    await expect(loadBackup(path), text).rejects.toMatchObject({ code: "FLASH_BACKUP_DAMAGED" });
  }
  const unreadable = { code: "FLASH_BACKUP_UNREADABLE" };
  await expect(loadBackup(`${path}.none`)).rejects.toMatchObject({ ...unreadable, exitCode: 3 });
  await expect(loadBackup(below())).rejects.toMatchObject({ ...unreadable, exitCode: 1 });
  expect((await storeBackup(below(), backup())).isNew).toBe(true);
});
