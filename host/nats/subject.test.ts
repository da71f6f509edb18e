/** Names as tokens of subjects, and which streams take them. */
import { expect, test } from "vitest";
import { covers, filterOf, subjectOf, tokenOf } from "./subject.ts";

test.each([
  ["sim-1", "sim-1"],
  ["l:temp", "l:temp"],
  ["gw2/sim-1", "gw2/sim-1"],
  ["a.b", "a%2Eb"],
  ["*", "%2A"],
  [">", "%3E"],
  ["50 %", "50%20%25"],
  ["küche", "k%C3%BCche"],
  ["a\r\nPUB", "a%0D%0APUB"],
  ["", "_"],
])("%j is the token %s", (name, token) => {
  expect(tokenOf(name)).toBe(token);
  if (name !== "") expect(decodeURIComponent(token)).toBe(name);
});

test("half a letter and a name of any length are tokens as well", () => {
  expect(tokenOf("\ud800")).toBe("%EF%BF%BD");
  expect(tokenOf("x".repeat(5000))).toBe("x".repeat(128));
});

test("a message's subject has the gateway, the board and the type, each as one token", () => {
  expect(subjectOf("lab.bowline", "gw.1", "sim-1", "l:temp")).toBe("lab.bowline.gw%2E1.sim-1.l:temp");
});

test.each([
  ["bowline.>", true],
  [">", true],
  ["bowline.gw.>", true],
  ["bowline.*.*.*", true],
  ["bowline.gw.*.*", true],
  ["*.gw.>", true],
  ["bowline.gw", false],
  ["bowline.gw.*", false],
  ["bowline.gw.sim-1.>", false],
  ["bowline.gw.*.*.>", false],
  ["bowline.gw2.>", false],
  ["other.>", false],
])("a stream of %s takes all of this gateway: %j", (pattern, isTaken) => {
  expect(covers(pattern, filterOf("bowline", "gw"))).toBe(isTaken);
});
