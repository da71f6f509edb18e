import { open, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderForEach } from "../testing/folders.ts";
import { whenReleased } from "./when-released.ts";

const folder = folderForEach("released");

test("it resolves when the last descriptor of the device is closed, by whatever name it was opened", async () => {
  const device = join(folder(), "tty");
  const alias = join(folder(), "by-id");
  await symlink(device, alias);
  const first = await open(device, "w");
  const second = await open(alias, "r");
  let isReleased = false;
  const released = whenReleased(alias).then(() => {
    isReleased = true;
  });
  await first.close();
  await expect(whenReleased(device, 20)).rejects.toMatchObject({ code: "PORT_STUCK", exitCode: 5 });
  expect(isReleased).toBe(false);
  await second.close();
  await released;
});

test("a path that leads nowhere is held by nobody", async () => {
  await whenReleased(join(folder(), "gone"), 0);
});
