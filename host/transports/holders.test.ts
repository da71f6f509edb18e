import { open } from "node:fs/promises";
import { afterEach, expect, test } from "vitest";
import { fakeRoot, removeFakeRoots } from "./fake-root.ts";
import { findHolders, formatHolders } from "./holders.ts";

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

test("a machine without /proc has no holders", async () => {
  await expect(findHolders(() => true, await fakeRoot({}))).resolves.toEqual(new Map());
});
