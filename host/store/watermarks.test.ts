import { expect, test } from "vitest";
import { MemoryDatabase } from "./memory-database.ts";
import type { CountedMark } from "./message-batch.ts";
import { WATERMARKS, Watermarks } from "./watermarks.ts";

const mark = (device: string, epoch: string, seq: number, messages = 1): CountedMark => ({
  device,
  epoch,
  seq,
  messages,
});

/** Commits each batch, and checks after each that what is read back is what is held. */
async function commit(...batches: CountedMark[][]): Promise<Watermarks> {
  const database = new MemoryDatabase();
  const held = new Watermarks();
  for (const marks of batches) {
    const plan = held.plan(marks);
    await database.write(plan.changes);
    held.apply(plan);
    const read = new Watermarks();
    for (const [key, value] of await database.read(WATERMARKS)) read.add(key, value);
    for (const { device } of marks) expect(read.of(device)).toEqual(held.of(device));
  }
  return held;
}

const short = (held: Watermarks, device: string) =>
  held.of(device).map(({ epoch, seq, delivered }) => `${epoch} ${seq} ${delivered}`);

test("each epoch of a board has its own, and messages are counted over all of them", async () => {
  const held = await commit([mark("a", "e1", 5, 5)], [mark("a", "e2", 1)], [mark("b", "e1", 9, 0)]);
  expect(short(held, "a")).toEqual(["e1 5 5", "e2 1 6"]);
  expect(short(held, "b")).toEqual(["e1 9 0"]);
  expect(held.of("c")).toEqual([]);
});

test("the last four epochs of a board are kept, in the order they came, whatever they are called", async () => {
  const held = await commit(
    [mark("a", "f", 1)],
    [mark("a", "e", 1)],
    [mark("a", "d", 1)],
    [mark("a", "c", 1)],
    [mark("a", "b", 1)],
  );
  expect(short(held, "a")).toEqual(["e 1 2", "d 1 3", "c 1 4", "b 1 5"]);
});

test("epochs that come in one commit keep their order and their counts, too", async () => {
  const lives = ["9", "8", "7", "6", "5", "4"].map((epoch) => mark("a", epoch, 2, 2));
  expect(short(await commit(lives), "a")).toEqual(["7 2 6", "6 2 8", "5 2 10", "4 2 12"]);
});

test("a plan that is not committed changes nothing", async () => {
  const held = await commit([mark("a", "e", 1)]);
  held.plan([mark("a", "e", 2), mark("a", "f", 1)]);
  expect(short(held, "a")).toEqual(["e 1 1"]);
});
