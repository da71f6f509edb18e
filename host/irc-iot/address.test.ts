import { expect, test } from "vitest";
import { isStrictAddress } from "./address.ts";

test.each([
  ["MP714@Kitchen/co2", true],
  ["server@location1/device@location2", true],
  ["@loc", true],
  ["x@", true],
  ["", false],
  ["a b", false],
  ["кухня", false],
  ["a//b", false],
  ["a@b/", false],
  ["a@b@c", false],
  ["*@kitchen", false],
  ["a".repeat(128), true],
  ["a".repeat(129), false],
])("%j as an address of ours: %s", (text, isOne) => {
  expect(isStrictAddress(text)).toBe(isOne);
});
