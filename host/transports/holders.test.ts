import { open, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { fakeRoot, removeFakeRoots } from "./fake-root.ts";
import { findHolders, findLockHolders, formatHolders } from "./holders.ts";

afterEach(removeFakeRoots);

test("findHolders() names who has a file open, by pid and command", async () => {
  const root = await fakeRoot({
    "proc/812/cmdline": "/usr/bin/node\0/opt/zigbee2mqtt.js\0--token=secret\0",
    "proc/812/fd/3": "-> /dev/ttyACM0",
    "proc/812/fd/4": "-> /dev/ttyACM0",
    "proc/900/cmdline": "cat\0--show-all\0",
    "proc/900/fd/0": "-> /dev/ttyACM0",
    "proc/901/comm": "kworker\n",
    "proc/901/fd/0": "-> /dev/ttyACM1",
    "proc/902/comm": "no descriptors to be seen\n",
    "proc/meminfo": "not a process",
  });
  const holders = await findHolders((link) => link.startsWith("/dev/ttyACM"), root);
  expect(formatHolders(holders.get("/dev/ttyACM0") ?? [])).toBe(
    "pid 812 (node zigbee2mqtt.js), pid 900 (cat)",
  );
  expect(holders.get("/dev/ttyACM1")).toEqual([{ pid: 901, command: "kworker" }]);
});

test("findHolders() finds this process in the real /proc", async () => {
  const file = await open(import.meta.filename);
  const holders = await findHolders((link) => link === import.meta.filename);
  await file.close();
  expect(holders.get(import.meta.filename)?.map((holder) => holder.pid)).toContain(process.pid);
});

test("findLockHolders() names who holds a lock, not who reads, nor us", async () => {
  const folder = await fakeRoot({ LOCK: "" });
  const lock = await realpath(join(folder, "LOCK"));
  const { ino } = await stat(lock);
  const root = await fakeRoot({
    "proc/locks": [
      `1: POSIX  ADVISORY  WRITE 812 fe:00:${ino} 0 EOF`,
      `2: POSIX  ADVISORY  READ  813 fe:00:${ino} 0 EOF`,
      `3: POSIX  ADVISORY  WRITE 814 fe:00:1${ino} 0 EOF`,
      `4: POSIX  ADVISORY  WRITE ${process.pid} fe:00:${ino} 0 EOF`,
      "",
    ].join("\n"),
    ...Object.fromEntries(
      [812, 813, 814, 815, process.pid].flatMap((pid) => [
        [`proc/${pid}/cmdline`, "/usr/bin/node\0/opt/bowline.mjs\0up\0"],
        [`proc/${pid}/fd/9`, `-> ${lock}`],
      ]),
    ),
  });
  expect(await findLockHolders(join(folder, "LOCK"), root)).toEqual([
    { pid: 812, command: "node bowline.mjs" },
  ]);
  expect(await findLockHolders(join(folder, "none"), root)).toEqual([]);
  expect(await findLockHolders(lock, await fakeRoot({}))).toEqual([]);
});

test("a machine without /proc has no holders", async () => {
  await expect(findHolders(() => true, await fakeRoot({}))).resolves.toEqual(new Map());
});
