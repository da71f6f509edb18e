/** When the disk is asked for room, and that it then has it. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { folderForEach } from "../testing/folders.ts";
import { openTestStore, outcome } from "../testing/stores.ts";
import { LevelDatabase } from "./level-database.ts";
import { MemoryDatabase } from "./memory-database.ts";
import type { RecordChange } from "./store.ts";

/** Notes what it is asked to give back. */
class Asked extends MemoryDatabase {
  readonly ranges: string[] = [];

  override async compact(from?: string, to?: string): Promise<void> {
    this.ranges.push(`${from}…${to}`);
  }
}

const keyOf = (i: number) => `s/42/2/${i.toString(16).padStart(14, "0")}`;
const packets = (from: number, to: number, value: Uint8Array | null): RecordChange[] =>
  Array.from({ length: to - from }, (_, i) => ({ key: keyOf(from + i), value }));

test("a backlog that has left gives its room back, once; a small one does not", async () => {
  const database = new Asked();
  const store = await openTestStore(database);
  const put = (changes: RecordChange[]) => outcome((waiter) => store.put(changes, waiter));
  const value = Buffer.from("x");
  await put(packets(0, 5000, value));
  await put(packets(0, 5000, null));
  expect(database.ranges).toEqual([]);
  await put(packets(0, 12_000, value));
  await put(packets(0, 10_000, null));
  expect(database.ranges).toEqual([]);
  await put(packets(10_000, 11_000, null));
  expect(database.ranges).toEqual(["p/…p0", "r/…r0"]);
  await put(packets(11_000, 12_000, null));
  expect(database.ranges).toHaveLength(2);
});

const data = folderForEach("give-back");

test("on disk the room is there again", async () => {
  const database = new LevelDatabase(data(), { logBytes: 1 << 16 });
  const store = await openTestStore(database);
  const value = Buffer.alloc(100, "x").map((_, i) => i * 7);
  const bytes = () => readdirSync(data()).reduce((sum, name) => sum + statSync(join(data(), name)).size, 0);
  for (let i = 0; i < 10; i++)
    await outcome((waiter) => store.put(packets(2000 * i, 2000 * (i + 1), value), waiter));
  const full = bytes();
  await outcome((waiter) => store.put(packets(0, 20_000, null), waiter));
  await until(() => expect(bytes()).toBeLessThan(full / 4));
  await store.stop();
  await database.close();
});
