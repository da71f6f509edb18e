import { expect, test } from "vitest";
import { isCreator, isName, isSpec, MAX_NAME_BYTES, twinName } from "./names.ts";

test("a spec is a project and a message, or one technical word", () => {
  for (const spec of ["example_calculator", "kill", "a-1_b-2"]) expect(isSpec(spec)).toBe(true);
  for (const spec of ["", "_", "a_", "_b", "a_b_c", "A_b", "a b", "a:b", "é_b", "a_b\n", "a".repeat(200)])
    expect(isSpec(spec)).toBe(false);
});

test("a component's name has both parts", () => {
  expect(isName("example_calculator-py")).toBe(true);
  for (const name of ["example", "Example_a", "a_b_c", ""]) expect(isName(name)).toBe(false);
});

test("a creator is free text that a tag can carry", () => {
  for (const creator of ["0000-0000-0000-bank-py", "Кухня", "a b"]) expect(isCreator(creator)).toBe(true);
  for (const creator of ["", "a:b", "a\nb", "\ud800", "x".repeat(256)])
    expect(isCreator(creator)).toBe(false);
});

test("a twin is called as its board where that fits, and else is marked", () => {
  expect(twinName("bowline", "sim-1")).toBe("bowline_sim-1");
  expect(twinName("bowline", "Kitchen.2")).toMatch(/^bowline_kitchen-2-[0-9a-f]{12}$/);
});

test("no two boards have one name, also where one is called as another's mark", () => {
  const marked = twinName("bowline", "Kitchen").slice("bowline_".length);
  const ids = [
    "kitchen",
    "Kitchen",
    "KITCHEN",
    "kitchen.",
    "kitchen-",
    marked,
    marked.toUpperCase(),
    "k".repeat(300),
    "k".repeat(301),
  ];
  const names = ids.map((id) => twinName("bowline", id));
  expect(new Set(names).size).toBe(ids.length);
  for (const name of names) expect(isName(name)).toBe(true);
  expect(names[7].length).toBe(MAX_NAME_BYTES);
});
