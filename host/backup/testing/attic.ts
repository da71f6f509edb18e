/** A small data folder of the gateway "attic" for each test, and its backup. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach } from "vitest";
import { folderForEach } from "../../testing/folders.ts";
import { keepBackup } from "../backup-file.ts";
import { backupOfFolder } from "../closed-folder.ts";
import { fillFolder } from "./data-folder.ts";

/** The folder of the test, the data folder and the backup in it, and what makes the backup. */
export function atticForEach() {
  const folder = folderForEach("backup");
  const data = () => join(folder(), "data");
  const file = () => join(folder(), "a.bowline");
  const backUp = (path = file()) =>
    backupOfFolder({ data: data(), gateway: "attic", hasHistory: false }, (bytes) => keepBackup(path, bytes));
  beforeEach(async () => {
    await fillFolder(data(), { messages: 20, documents: 5 });
    mkdirSync(join(data(), "keys"));
    writeFileSync(join(data(), "keys/sim-1.key"), "c2VjcmV0\n", { mode: 0o600 });
    writeFileSync(join(data(), "host-id"), "42\n");
    // What nobody put there for us does not go along.
    writeFileSync(join(data(), "keys/notes.txt"), "mine");
    writeFileSync(join(data(), "core"), "dump");
  });
  return { folder, data, file, backUp };
}

/** The code of what it rejects with, "" when it does not. */
export const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => "",
    (error) => error.code ?? String(error),
  );
