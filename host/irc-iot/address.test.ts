import { expect, test } from "vitest";
import { isAddressPattern, isStrictAddress, matchesAddress } from "./address.ts";

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

test("only a pattern has wildcards", () => {
  expect(isAddressPattern("*@kitchen/s*r")).toBe(true);
  expect(isAddressPattern("*//x")).toBe(false);
});

test.each([
  ["sim-1@kitchen", "sim-1@kitchen", true],
  ["sim-*@kitchen", "sim-12@kitchen", true],
  ["*@kitchen", "@kitchen", true],
  ["*@kitchen", "sim-1@kitchen/x", false],
  ["*", "sim-1@kitchen", false],
  ["*@*/co*", "MP714@Kitchen/co2", true],
  ["a*b*c@x", "aXbYbc@x", true],
  ["a*b*c@x", "aXcY@x", false],
  ["a@x", "ab@x", false],
])("pattern %j and address %j: %s", (pattern, address, isMatch) => {
  expect(matchesAddress(pattern, address)).toBe(isMatch);
});

test("no pattern takes longer than its length times the address's", () => {
  const address = "a".repeat(20_000);
  expect(matchesAddress(`${"*a".repeat(60)}b`, address)).toBe(false);
});
