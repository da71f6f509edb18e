import { expect, test } from "vitest";
import { isNamed } from "./name-pattern.ts";

test.each([
  ["*", "sim-1", true],
  ["sim-1", "sim-1", true],
  ["sim-1", "sim-11", false],
  ["sim-*", "sim-1", true],
  ["*-1", "sim-1", true],
  ["s*m*1", "sim-1", true],
  ["s*m*m*1", "sim-1", false],
  ["sim*im", "sim", false],
  ["**", "x", true],
])("pattern %s for %s: %j", (pattern, name, is) => {
  expect(isNamed([pattern], name)).toBe(is);
});
