import { expect, test } from "vitest";
import { parseAddress } from "./addresses.ts";

test.each([
  ["gw2.example", "gw2.example", 12_002],
  ["gw2.example:1200", "gw2.example", 1200],
  ["10.0.0.2:65535", "10.0.0.2", 65_535],
  ["[fd00::2]", "fd00::2", 12_002],
  ["[fd00::2]:1200", "fd00::2", 1200],
  // Not told apart from a port: brackets do.
  ["fd00::2", "fd00::2", 12_002],
  ["gw2:0", "gw2:0", 12_002],
  ["gw2:65536", "gw2:65536", 12_002],
])("%s", (text, host, port) => {
  expect(parseAddress(text, 12_002)).toEqual({ host, port });
});
