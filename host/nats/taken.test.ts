/** Of a stream's messages those are known that may still be handed on, each once. */
import { expect, test } from "vitest";
import type { DurableStore } from "../store/durable-store.ts";
import { appendTo, openTestStore } from "../testing/stores.ts";
import { Taken, waitingFrom } from "./taken.ts";

test("what waits is the first of each board and epoch, whatever way it came", async () => {
  const store = await openTestStore();
  await appendTo(store, "a", 1);
  await appendTo(store, "a", 4);
  await appendTo(store, "gw2/a", 7, {}, { epoch: "f" });
  await appendTo(store, "gw3/a", 6, {}, { epoch: "f" });
  await appendTo(store, "b:c", 9);
  for (let seq = 5; seq < 1205; seq++) await appendTo(store, "a", seq);
  await appendTo(store, "late", 3);
  const first = new Map([
    ["a:e", 4],
    ["a:f", 6],
    ["b:c:e", 9],
    ["late:e", 3],
  ]);
  expect(await waitingFrom(store, 2, [])).toEqual({ first, whole: new Set() });
  expect(await waitingFrom(store, store.next, [])).toEqual({ first: new Map(), whole: new Set() });
  await store.stop();
});

test("of a board aside its first message is read alone, and with its later epochs and none of the earlier it waits", async () => {
  const store = await openTestStore();
  await appendTo(store, "a", 8, {}, { epoch: "d" });
  for (let seq = 1; seq <= 1000; seq++) await appendTo(store, "b", seq);
  await appendTo(store, "a", 3);
  await appendTo(store, "a", 4);
  await appendTo(store, "b", 1001);
  await appendTo(store, "a", 1, {}, { epoch: "f" });
  await appendTo(store, "a", 2, {}, { epoch: "f" });
  const reached = store.next;
  await appendTo(store, "b", 1002);
  await appendTo(store, "a", 3, {}, { epoch: "f" });
  const reads: number[] = [];
  const seen: Pick<DurableStore, "read" | "watermarks"> = {
    read: (from, limit, device) => {
      reads.push(from);
      return store.read(from, limit, device);
    },
    watermarks: (device) => store.watermarks(device),
  };
  const waiting = await waitingFrom(seen, reached, [{ device: "a", next: 1003 }]);
  expect(waiting).toEqual({
    first: new Map([
      ["a:e", 4],
      ["a:f", 0],
      ["b:e", 1002],
    ]),
    whole: new Set(),
  });
  expect(reads).toEqual([1003, reached, store.next]);
  // Of whom the store knows no epochs, as of a board behind another gateway, all may wait.
  const bare = { ...seen, watermarks: () => [] };
  const { whole } = await waitingFrom(bare, reached, [{ device: "a", next: 1003 }]);
  expect(whole).toEqual(new Set(["a"]));
  // What the store has given up waits no more.
  const later = await waitingFrom(seen, store.next, [{ device: "a", next: store.next }]);
  expect(later).toEqual({ first: new Map(), whole: new Set() });
  await store.stop();
});

test("of a board of which all may wait every id is kept, but for what is past of its first epoch", () => {
  const taken = new Taken({ first: new Map([["b:c:e", 4]]), whole: new Set(["b:c"]) });
  for (const id of ["b:c:e:3", "b:c:e:4", "b:c:f:1", "b:e:9", "c:e:9"]) taken.add(id, 7);
  expect(taken.size).toBe(2);
  expect([taken.take("b:c:e:4"), taken.take("b:c:f:1")]).toEqual([7, 7]);
});

test("what is past is not kept, and what waits is taken once", () => {
  const taken = new Taken({ first: new Map([["b:c:e", 4]]), whole: new Set() });
  for (let seq = 1; seq <= 5; seq++) {
    taken.add(`b:c:e:${seq}`, 10 * seq);
    taken.add(`other:e:${seq}`, 10 * seq + 1);
  }
  expect([taken.size, taken.firstPlace]).toEqual([2, 40]);
  expect([taken.take("b:c:e:3"), taken.take("b:c:e:4"), taken.take("b:c:e:4")]).toEqual([
    ...[undefined, 40, undefined],
  ]);
  expect([taken.size, taken.firstPlace]).toEqual([1, 50]);
  expect(taken.take("b:c:e:5")).toBe(50);
  expect([taken.size, taken.firstPlace]).toEqual([0, Number.POSITIVE_INFINITY]);
});

test("all are kept where nobody asked what waits; what others put there under no id of ours is not", () => {
  const taken = new Taken(null);
  for (const id of ["", "probe", ":1", "a:e:", "a:e:01", "a:e:1.5", "a:e:1e3", "a:e:x"]) taken.add(id, 1);
  expect(taken.size).toBe(0);
  taken.add("a:e:1", 7);
  expect(taken.take("a:e:01")).toBeUndefined();
  expect(taken.take("a:e:1")).toBe(7);
});
