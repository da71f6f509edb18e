/** A store from one process to the next: what it does before it stops, and who it is when it starts again. */
import { describe, expect, test } from "vitest";
import { appendTo, newTestStore, openTestStore } from "../testing/stores.ts";
import { FaultyDatabase } from "./faulty-database.ts";
import { MemoryDatabase } from "./memory-database.ts";
import type { DeliveredMessage } from "./store.ts";

const seqs = (messages: DeliveredMessage[]) => messages.map(({ n, device, seq }) => `${n} ${device} ${seq}`);

describe("stop()", () => {
  test("waits for all that was handed over, over several commits", async () => {
    const inner = new MemoryDatabase();
    const store = await openTestStore(inner);
    const big = { text: "x".repeat(60_000) };
    for (let seq = 1; seq <= 60; seq++) void appendTo(store, "a", seq, big);
    await store.stop();
    expect(store.next).toBe(61);
    const next = newTestStore(inner);
    await next.start();
    expect(next.watermarks("a")[0]).toMatchObject({ seq: 60, delivered: 60 });
  });

  test("puts on the disk what was acknowledged without a flush", async () => {
    const inner = new MemoryDatabase();
    const flushed: number[] = [];
    const options = { flush: false, onFlushed: (commit: number) => void flushed.push(commit) };
    const store = await openTestStore(new FaultyDatabase(inner), options);
    await appendTo(store, "a", 1);
    expect(flushed).toEqual([1]);
    await store.stop();
    expect(flushed).toEqual([1, 3]);
    const next = newTestStore(inner);
    await next.start();
    expect(seqs(await next.read(0, 10))).toEqual(["1 a 1"]);
  });
});

describe("who the store is", () => {
  test("stays over restarts, also without a name for the machine, and is another on another machine", async () => {
    const inner = new MemoryDatabase();
    const epochOn = async (machine: string) => {
      const store = newTestStore(inner, { machine });
      await store.start();
      await store.stop();
      return store.epoch;
    };
    const first = await epochOn("m1");
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(await epochOn("m1")).toBe(first);
    expect(await epochOn("")).toBe(first);
    expect(await epochOn("m1")).toBe(first);
    const elsewhere = await epochOn("m2");
    expect(elsewhere).not.toBe(first);
    expect(await epochOn("m1")).not.toBe(elsewhere);
  });
});
