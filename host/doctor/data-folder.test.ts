import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { checkDataFolder } from "./data-folder.ts";
import { fakeMachine, told } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

type Fake = NonNullable<Parameters<typeof fakeMachine>[0]>;
const data = "/home/pi/bowline/data";
const there = { "home/pi/bowline/data/store.json": "{}" };
const space =
  (freeBytes: number, type = 0xef53) =>
  async () => ({ freeBytes, type });
const told1 = async (fake: Fake) => told(await checkDataFolder(await fakeMachine(fake)));

test("one that is there, or can be made, with room", async () => {
  const ok = [`ok data folder ${data}: 10 485 MB free`];
  expect(await told1({ files: there })).toEqual(ok);
  expect(await told1({ files: { "home/pi/.profile": "" } })).toEqual(ok);
});

test("one that may not be written, or not be made where it is to lie", async () => {
  expect(await told1({ files: there, forbidden: [data] })).toEqual([
    `FAIL data folder ${data}: pi may not write to it`,
    `-> sudo chown -R pi ${data}`,
  ]);
  expect(await told1({ files: { "home/pi/.profile": "" }, forbidden: ["/home/pi"] })).toEqual([
    `FAIL data folder ${data}: pi may not make it in /home/pi`,
    `-> sudo mkdir -p ${data} && sudo chown pi ${data}`,
  ]);
});

test("a file in its place", async () => {
  expect(await told1({ files: { "home/pi/bowline/data": "" } })).toEqual([
    `FAIL data folder ${data}: ${data} is no folder`,
    "-> set data to another folder",
  ]);
});

test("too little room for a full store, and for any", async () => {
  expect(await told1({ files: there, space: space(300 << 20) })).toEqual([
    `warn data folder ${data}: 314 MB free; a store of store.maxBytes may need 536 MB for a while`,
    `-> df -h ${data}, then free some space; or set store.maxBytes to 157286400`,
  ]);
  expect(await told1({ files: there, space: space(10 << 20) })).toEqual([
    `FAIL data folder ${data}: 10 MB free, too little for any store`,
    `-> df -h ${data}`,
  ]);
});

test("what does not outlive the power", async () => {
  expect(await told1({ files: there, space: space(2 ** 40, 0x01021994) })).toEqual([
    `warn data folder ${data} is in memory (tmpfs): it is empty after each start of the machine`,
    "-> set data to a folder on a disk",
  ]);
  expect(await told1({ config: { data: "memory" } })).toEqual([
    "warn store in memory (data: memory): messages are lost when the gateway stops",
    "-> set data to a folder",
  ]);
});
