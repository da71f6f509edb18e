import { expect, test } from "vitest";
import { StoreAudit } from "./store-audit.ts";

const NEVER = () => Number.POSITIVE_INFINITY;

/** Messages of board a in its life e1, with these numbers, in this order. */
function auditOf(seqs: number[], askedAt = NEVER): StoreAudit {
  const audit = new StoreAudit(askedAt);
  for (const [i, seq] of seqs.entries()) audit.take(message(i + 1, seq));
  return audit;
}

const message = (n: number, seq: number, device = "a", epoch = "e1") => ({
  ...{ n, device, epoch, seq },
  at: 0,
  message: {},
});

test("numbers once and in order are what they should be", () => {
  expect(auditOf([1, 2, 3]).all()).toEqual([
    {
      ...{ device: "a", epoch: "e1", messages: 3, asked: 3, first: 1, last: 3 },
      ...{ repeated: 0, reordered: 0, absent: 0 },
    },
  ]);
});

test.each([
  [[1, 2, 2, 3], { repeated: 1, reordered: 0, absent: 0 }],
  [[1, 2, 3, 1], { repeated: 1, reordered: 0, absent: 0 }],
  [[1, 2, 5], { repeated: 0, reordered: 0, absent: 2, last: 5 }],
  [[1, 5, 3], { repeated: 0, reordered: 1, absent: 2 }],
  [[1, 5, 2, 3, 4], { repeated: 0, reordered: 3, absent: 0 }],
  [[1, 5, 3, 3], { repeated: 1, reordered: 1, absent: 2 }],
  [[4, 5, 2], { repeated: 0, reordered: 1, absent: 1, first: 2 }],
  [[1, 1e15], { repeated: 0, reordered: 0, absent: 1e15 - 2 }],
])("%j", (seqs, counts) => {
  expect(auditOf(seqs).of("a", "e1")).toMatchObject(counts);
});

test("each life of each board has numbers of its own", () => {
  const audit = new StoreAudit(NEVER);
  audit.take(message(1, 1));
  audit.take(message(2, 1, "b"));
  audit.take(message(3, 1, "a", "e2"));
  audit.take(message(4, 2));
  expect(audit.all().map(({ device, epoch, last, absent }) => [device, epoch, last, absent])).toEqual([
    ["a", "e1", 2, 0],
    ["b", "e1", 1, 0],
    ["a", "e2", 1, 0],
  ]);
});

test("what came after the board was asked does not count as asked for", () => {
  expect(auditOf([1, 2, 3, 4], () => 2).of("a", "e1")).toMatchObject({ messages: 4, asked: 2 });
});

test("a number of the store that does not go on from the last is a gap, unless the store has given up what lay between", () => {
  const audit = new StoreAudit(NEVER);
  audit.take(message(7, 1));
  audit.take(message(8, 2));
  audit.skipTo(20);
  audit.take(message(20, 14));
  audit.take(message(22, 16));
  expect([audit.first, audit.last, audit.messages, audit.gaps]).toEqual([7, 22, 4, 1]);
});
