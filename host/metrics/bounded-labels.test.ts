import { expect, test } from "vitest";
import { BoundedLabels } from "./bounded-labels.ts";

test("who came first has a name of its own until it is gone, and its place is free for the next then", () => {
  const labels = new BoundedLabels(2);
  labels.refresh(["a", "b", "c"]);
  expect(["a", "b", "c"].map((name) => labels.labelOf(name))).toEqual(["a", "b", "other"]);
  labels.refresh(["0", "c", "b", "a"]); // earlier in the list, and later there
  expect(["0", "a", "b", "c"].map((name) => labels.labelOf(name))).toEqual(["other", "a", "b", "other"]);
  labels.refresh(["c", "b", "0"]);
  expect(["b", "c", "0"].map((name) => labels.labelOf(name))).toEqual(["b", "c", "other"]);
});

test("a name that nobody knows is one of the others, and a long one is cut", () => {
  const labels = new BoundedLabels(1);
  expect(labels.labelOf("never seen")).toBe("other");
  labels.refresh(["x".repeat(1000)]);
  expect(labels.labelOf("x".repeat(1000))).toBe("x".repeat(120));
});
