import { expect, test } from "vitest";
import { asTree } from "./task-tree.ts";

/** `id<parent` -> "  id" by its depth. */
const drawn = (...tasks: string[]) =>
  asTree(
    tasks.map((task) => {
      const [id, parent = ""] = task.split("<");
      return { id, parent };
    }),
  ).map(({ task, depth }) => "  ".repeat(depth) + task.id);

test("each task stands below its parent, wherever in the list that is", () => {
  expect(drawn("e<c", "d", "c<a", "b<a", "a")).toEqual(["d", "a", "  c", "    e", "  b"]);
});

test("a task whose parent is not in the list has a place of its own", () => {
  expect(drawn("b<gone", "a")).toEqual(["b", "a"]);
});

test("tasks that claim to be each other's parents are there once each", () => {
  expect(drawn("a<b", "b<a", "c<c", "d")).toEqual(["d", "a", "  b", "c"]);
});
