/** What is kept is in the end what is there, whatever happens meanwhile, with one write under way at a time. */
import { expect, test } from "vitest";
import { randomInteger, seededRandom } from "../transports/random.ts";
import { DocumentKeeper } from "./document-keeper.ts";
import type { RecordChange } from "./store.ts";

/** A store that commits when the test says so. */
class SlowStore {
  readonly documents = new Map<string, object | Uint8Array>();
  readonly writes: number[] = [];
  private readonly waiting: { changes: RecordChange[]; onCommitted: () => void }[] = [];

  keep(changes: RecordChange[], onCommitted: () => void): void {
    this.writes.push(changes.length);
    this.waiting.push({ changes, onCommitted });
  }

  get underWay(): number {
    return this.waiting.length;
  }

  commit(): void {
    const next = this.waiting.shift();
    for (const { key, value } of next?.changes ?? []) {
      if (value === null) this.documents.delete(key);
      else this.documents.set(key, value);
    }
    next?.onCommitted();
  }
}

const turn = () => new Promise(setImmediate);

test("touched in any order, with commits at any time, the store holds what is there", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed);
    const store = new SlowStore();
    const now = new Map<string, object>();
    const keeper = new DocumentKeeper({ store, valueOf: (key) => now.get(key) ?? null, pauseMs: 0 });
    for (let i = 0; i < 200; i++) {
      const key = `k${randomInteger(random, 0, 9)}`;
      if (random() < 0.5) now.set(key, { i });
      else now.delete(key);
      keeper.touch(key);
      if (random() < 0.3) store.commit();
      if (random() < 0.3) await turn();
      expect(store.underWay, `seed ${seed}, step ${i}`).toBeLessThanOrEqual(1);
    }
    let isKept = false;
    void keeper.whenKept().then(() => {
      isKept = true;
    });
    while (!isKept) {
      await turn();
      store.commit();
    }
    expect(store.documents, `seed ${seed}`).toEqual(now);
  }
});

test("what comes and goes while a write is under way is not written, and what is touched often is written once", async () => {
  const store = new SlowStore();
  const now = new Map<string, object>([["a", { v: 1 }]]);
  const keeper = new DocumentKeeper({ store, valueOf: (key) => now.get(key) ?? null, pauseMs: 0 });
  keeper.touch("a");
  await turn();
  expect(store.writes).toEqual([1]);
  now.set("b", { v: 1 });
  keeper.touch("b");
  for (let v = 2; v < 100; v++) {
    now.set("a", { v });
    keeper.touch("a");
  }
  now.delete("b");
  keeper.touch("b");
  store.commit();
  await turn();
  expect(store.writes).toEqual([1, 1]);
  store.commit();
  expect(store.documents).toEqual(new Map([["a", { v: 99 }]]));
});

test("whenKept() waits for what was touched before, and for nothing that is in the store", async () => {
  const store = new SlowStore();
  const keeper = new DocumentKeeper({ store, valueOf: () => ({}), pauseMs: 0 });
  await keeper.whenKept();
  keeper.touch("a");
  let isKept = false;
  const kept = keeper.whenKept().then(() => {
    isKept = true;
  });
  await turn();
  expect(isKept).toBe(false);
  store.commit();
  await kept;
  keeper.touch("b");
  keeper.flush();
  const second = keeper.whenKept();
  store.commit();
  store.commit();
  await second;
});

test("whoever waits for a document waits for no pause", async () => {
  const store = new SlowStore();
  const keeper = new DocumentKeeper({ store, valueOf: () => ({}), pauseMs: 3_600_000 });
  keeper.touch("a");
  await turn();
  store.commit();
  keeper.touch("b");
  const second = keeper.whenKept();
  await turn();
  keeper.touch("c");
  const third = keeper.whenKept();
  store.commit();
  await second;
  store.commit();
  await third;
  expect([...store.documents.keys()]).toEqual(["a", "b", "c"]);
});
