import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { folderForEach } from "../testing/folders.ts";
import { DiskRoom } from "./disk-room.ts";

/** A disk of blocks of 10 bytes, with a floor of 1000. */
function makeRoom(keepFreeBytes = 1000) {
  const disk = { blocks: 200, asked: 0, error: null as Error | null };
  const changes: string[] = [];
  const ask = async () => {
    disk.asked++;
    if (disk.error !== null) throw disk.error;
    return { bavail: disk.blocks, bsize: 10 };
  };
  const room = new DiskRoom("data", keepFreeBytes, (low) => void changes.push(low?.code ?? "room"), ask);
  return { room, disk, changes };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const second = () => vi.advanceTimersByTimeAsync(1000);

test("is low below what is kept free, and not again before there is an eighth more", async () => {
  const { room, disk, changes } = makeRoom();
  await room.start();
  expect(room.low).toBeNull();
  const seen: string[] = [];
  for (const blocks of [100, 99, 100, 112, 113, 100, 99]) {
    disk.blocks = blocks;
    await second();
    seen.push(`${blocks} ${room.low?.code ?? "room"}`);
  }
  expect(seen).toEqual([
    "100 room",
    "99 STORE_LOW",
    "100 STORE_LOW",
    "112 STORE_LOW",
    "113 room",
    "100 room",
    "99 STORE_LOW",
  ]);
  expect(changes).toEqual(["STORE_LOW", "room", "STORE_LOW"]);
  expect(room.low).toMatchObject({
    message:
      "keeping more in the store in data: 990 bytes are free on its disk; allowed: down to 1000 (store.keepFreeBytes)",
    mend: "df -h data, then free some space",
  });
  room.stop();
});

test("is known when it has started", async () => {
  const { room, disk } = makeRoom();
  disk.blocks = 3;
  await room.start();
  expect(room.low?.code).toBe("STORE_LOW");
  room.stop();
});

test("is asked once a second, and by no one else; not at all without a floor, or once it was stopped", async () => {
  const { room, disk } = makeRoom();
  await room.start();
  for (let i = 0; i < 1000; i++) expect(room.low).toBeNull();
  expect(disk.asked).toBe(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(disk.asked).toBe(11);
  room.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(disk.asked).toBe(11);
  const off = makeRoom(0);
  off.disk.blocks = 0;
  await off.room.start();
  await vi.advanceTimersByTimeAsync(10_000);
  expect([off.disk.asked, off.room.low]).toEqual([0, null]);
});

test("a disk that does not answer has none, in its own words", async () => {
  const { room, disk, changes } = makeRoom();
  await room.start();
  disk.error = new Error("EIO: i/o error, statfs 'data'");
  await second();
  await second();
  expect(room.low?.message).toMatch(/: EIO: i\/o error, statfs 'data'; allowed:/);
  disk.error = null;
  await second();
  expect(changes).toEqual(["STORE_LOW", "room"]);
  room.stop();
});

const folder = folderForEach("room");

test("a real disk has less than everything, and more than nothing", async () => {
  const changes: unknown[] = [];
  for (const keepFreeBytes of [1, 2 ** 60]) {
    const room = new DiskRoom(folder(), keepFreeBytes, (low) => void changes.push(low?.code));
    await room.start();
    room.stop();
  }
  expect(changes).toEqual(["STORE_LOW"]);
});
