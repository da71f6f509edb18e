import { chmod, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defaultConfig } from "../config/load.ts";
import { folderForEach } from "../testing/folders.ts";
import { thisMachine, thisUser } from "./machine.ts";

const folder = folderForEach("machine");
const machine = thisMachine({ config: defaultConfig(), configFault: null });

test("the user has the groups of this very process, and without a name a number", () => {
  expect(thisUser().groups).toEqual(expect.arrayContaining(process.getgroups?.() ?? []));
  const nameless = thisUser(() => {
    throw new Error("ERR_SYSTEM_ERROR: uv_os_get_passwd returned ENOENT");
  });
  expect(nameless.name).toBe(String(process.getuid?.()));
});

test("files are looked at through their links, devices with their numbers", async () => {
  const file = join(folder(), "file");
  await writeFile(file, "");
  await chmod(file, 0o640);
  await symlink(file, join(folder(), "link"));
  expect(await machine.look(join(folder(), "link"))).toMatchObject({ mode: 0o640, rdev: 0, isFolder: false });
  expect(await machine.look(folder())).toMatchObject({ isFolder: true });
  expect((await machine.look("/dev/null"))?.rdev).toBe(0x103);
  expect(await machine.look(join(folder(), "none"))).toBeUndefined();
});

test("what may be written, and how much of it", async () => {
  expect(await machine.mayWrite(folder())).toBe(true);
  expect(await machine.mayRead(join(folder(), "none"))).toBe(false);
  expect((await machine.space(folder())).freeBytes).toBeGreaterThan(0);
});
