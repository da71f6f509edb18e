/** Of a stream's messages those are known that may still be handed on, each once. */
import { expect, test } from "vitest";
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
  expect(await waitingFrom(store, 2)).toEqual(
    new Map([
      ["a:e", 4],
      ["a:f", 6],
      ["b:c:e", 9],
      ["late:e", 3],
    ]),
  );
  expect(await waitingFrom(store, store.next)).toEqual(new Map());
  await store.stop();
});

test("what is past is not kept, and what waits is taken once", () => {
  const taken = new Taken(new Map([["b:c:e", 4]]));
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
