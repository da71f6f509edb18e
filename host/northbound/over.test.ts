/** What is over behind a cursor. */
import { expect, test } from "vitest";
import { OverBook } from "./over.ts";

test("the first word about a message counts, and what is over without a gap is passed once", () => {
  const book = new OverBook<string>();
  book.set(2, { refused: 1 });
  book.set(2);
  book.set(1, { owner: "a" });
  book.set(4);
  book.disown(1);
  book.disown(9);
  expect([...book.pass(1)]).toEqual([
    [1, { end: 2, owner: undefined }],
    [2, { end: 3, refused: 1 }],
  ]);
  expect([book.size, book.has(4), [...book.pass(1)]]).toEqual([1, true, []]);
});

test("of what the store gave up only what was not known to be over is counted", () => {
  const book = new OverBook<string>();
  book.set(3);
  book.set(6);
  expect(book.miss(1, 8)).toBe(5);
  expect([...book.pass(1)].map(([n, { missed = 0 }]) => [n, missed])).toEqual([
    [1, 2],
    [3, 0],
    [4, 2],
    [6, 0],
    [7, 1],
  ]);
});
