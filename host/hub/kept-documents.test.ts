/** Documents of tasks that this version did not write: told from those that it did by their sizes and heads. */
import { expect, test } from "vitest";
import { decodeKeptEnd } from "./kept-end.ts";
import { decodeKeptTask, encodeKeptTask } from "./kept-task.ts";

const bytes = (...all: number[]) => Uint8Array.from(all);
const foreign: [string, Uint8Array][] = [
  ["nothing", bytes()],
  ["less than a size", bytes(0, 0, 0)],
  ["a size beyond its end", bytes(0, 0, 0, 3, 0x7b, 0x7d)],
  ["a head that is no JSON", bytes(0, 0, 0, 2, 0x6e, 0x6f, 0, 0, 0, 1, 0x74)],
];

test.each(foreign)("%s is no task, neither an open one nor one that ended", (_, document) => {
  expect([decodeKeptTask(document), decodeKeptEnd(document)]).toEqual([undefined, undefined]);
});

test("an open one without its tag, or with a part of it, is none", () => {
  const parts = [bytes(1, 2, 3), bytes(4, 5)] as const;
  const whole = encodeKeptTask({ way: "controller", digest: "", isKilled: false, parts });
  const bodyAt = whole.length - 2;
  expect(decodeKeptTask(whole)?.parts.map((part) => [...part])).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
  // The size of its tag, and the tag.
  for (let cut = bodyAt - 7; cut < bodyAt; cut++)
    expect(decodeKeptTask(whole.subarray(0, cut)), `cut at ${cut}`).toBeUndefined();
});
