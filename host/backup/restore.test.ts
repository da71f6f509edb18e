import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { restoreBackup } from "./restore.ts";
import { atticForEach, codeOf } from "./testing/attic.ts";
import { storeOf } from "./testing/data-folder.ts";

const { folder, data, file, backUp } = atticForEach();

describe.runIf(process.geteuid?.() === 0)("as root", () => {
  const NOBODY = 65_534;

  test("another user's store is not opened, and a folder that is set aside gives its owner to the new one", async () => {
    await backUp();
    for (const name of ["", ...readdirSync(data(), { recursive: true })])
      chownSync(join(data(), String(name)), NOBODY, NOBODY);
    expect(await codeOf(backUp())).toBe("STORE_PERMISSION");
    await restoreBackup(file(), data(), { isForced: true });
    const owners = readdirSync(data(), { recursive: true }).map(
      (name) => statSync(join(data(), String(name))).uid,
    );
    expect(new Set([statSync(data()).uid, ...owners])).toEqual(new Set([NOBODY]));
  });

  test("what is being made is nobody else's until it is whole, and what a link in it leads to is given to nobody", async () => {
    await backUp();
    chownSync(folder(), NOBODY, NOBODY);
    const [beside, others] = [join(folder(), "new.new"), join(folder(), "others")];
    writeFileSync(others, "");
    const owners: number[] = [];
    const onProgress = () => {
      owners.push(statSync(beside).uid);
      symlinkSync(others, join(beside, `link-${owners.length}`));
    };
    await restoreBackup(file(), join(folder(), "new"), { isForced: false, onProgress });
    expect(new Set(owners)).toEqual(new Set([0]));
    expect(statSync(others).uid).toBe(0);
    expect(statSync(join(folder(), "new/store.json")).uid).toBe(NOBODY);
  });
});

describe("a restore", () => {
  const to = () => join(folder(), "other");
  const restore = (isForced = false) => restoreBackup(file(), to(), { isForced });

  beforeEach(async () => {
    await backUp();
  });

  test("into a folder that is not empty is refused; with force that one is set aside, whole", async () => {
    mkdirSync(to());
    await restore();
    writeFileSync(join(to(), "mine"), "x");
    await expect(restore()).rejects.toMatchObject({ code: "RESTORE_NOT_EMPTY", exitCode: 2 });
    const { aside } = await restore(true);
    expect(readFileSync(join(aside, "mine"), "utf8")).toBe("x");
    expect(existsSync(join(to(), "mine"))).toBe(false);
    expect((await storeOf(to())).messages).toHaveLength(20);
  });

  test("that was cut off is begun anew by the next; what somebody else put there stays", async () => {
    mkdirSync(`${to()}.new/store`, { recursive: true });
    writeFileSync(`${to()}.new/store/CURRENT`, "MANIFEST-000001\n");
    expect(await codeOf(restore())).toBe("RESTORE_IN_THE_WAY");
    writeFileSync(`${to()}.new/unfinished-restore`, "");
    await restore();
    expect(readdirSync(folder()).sort()).toEqual(["a.bowline", "data", "other"]);
    expect(readdirSync(to())).not.toContain("unfinished-restore");
  });

  test("into what is no folder, or where none can be made, is refused", async () => {
    writeFileSync(to(), "");
    await expect(restore()).rejects.toMatchObject({ code: "RESTORE_NO_FOLDER", exitCode: 2 });
    // Where mkdir's own recursion never ends.
    if (process.platform === "linux")
      expect(await codeOf(restoreBackup(file(), "/proc/bowline", { isForced: false }))).toMatch(/^STORE_/);
  });

  test("twice is two, of which each has an epoch of its own", async () => {
    await restore();
    const { epoch } = await storeOf(to());
    await restore(true);
    expect((await storeOf(to())).epoch).not.toBe(epoch);
  });
});
