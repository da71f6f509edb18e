import { describe, expect, test } from "vitest";
import { globalTypes } from "./global-types.ts";
import { Registry } from "./registry.ts";
import type { TypeDescription } from "./type-description.ts";

const temperature: TypeDescription = {
  ot: "l:temp",
  meaning: "temperature of the greenhouse",
  items: [{ name: "v", kind: "number", meaning: "the value", unit: "°C" }],
};
const temperament: TypeDescription = { ot: "l:temp", meaning: "mood of a cat", items: [] };

const registry = () =>
  new Registry({
    boards: ["*@kitchen"],
    types: [
      { sender: "climate-*@kitchen", type: temperature },
      { sender: "cat@sofa", type: temperament },
    ],
  });

test("the global dictionary has the 36 names, each once, with a meaning", () => {
  const names = [
    ...["lookup", "search", "answer", "bchreq", "bchack", "bchnfo", "encreq", "encack", "encnfo", "fusnfo"],
    ...[
      "fusqry",
      "fusreq",
      "fusack",
      "fuspck",
      "halreq",
      "halack",
      "timenfo",
      "timereq",
      "timeack",
      "lmrnfo",
    ],
    ...["lmrreq", "lmrack", "lmrupd", "lmradv", "gmrnfo", "gmrupd", "gmrcon", "mainfo", "maireq", "maiack"],
    ...["maicmd", "modbus01", "noocmd", "jmapreq", "jmapresp", "jmapsess"],
  ];
  expect(globalTypes.map(({ ot }) => ot).sort()).toEqual(names.sort());
  expect(new Set(names).size).toBe(36);
  for (const { ot, meaning } of globalTypes) expect(registry().describe(ot)?.meaning).toBe(meaning);
});

describe("a local type (IRC-IoT S-15)", () => {
  test("is the sender's: one name is two things with two robots, and nothing with a third", () => {
    expect(registry().describe("l:temp", "climate-2@kitchen")).toBe(temperature);
    expect(registry().describe("l:temp", "cat@sofa")).toBe(temperament);
    expect(registry().describe("l:temp", "dog@sofa")).toBeUndefined();
    expect(registry().describe("l:temp")).toBeUndefined();
  });

  test("of the standard firmware is described for our boards, and for nobody else", () => {
    expect(registry().describe("l:led", "sim-1@kitchen")?.meaning).toBe("switches the LED of the board");
    expect(registry().describe("l:led", "sim-1@attic")).toBeUndefined();
    expect(registry().describe("l:led", "sim-1@kitchen.evil")).toBeUndefined();
  });

  test("that its sender describes is learned, for that sender alone; what was configured stays", () => {
    const one = registry();
    const own = { ot: "l:temp", meaning: "forged" };
    expect(one.learn("dog@sofa", own)).toBe(true);
    expect(one.learn("cat@sofa", own)).toBe(true);
    expect(one.describe("l:temp", "dog@sofa")).toBe(own);
    expect(one.describe("l:temp", "cat@sofa")).toBe(temperament);
    expect(one.learn("sim-1@kitchen", { ot: "l:led", meaning: "forged" })).toBe(true);
    expect(one.describe("l:led", "sim-1@kitchen")?.meaning).toBe("switches the LED of the board");
    expect(one.learn("dog@sofa", { ot: "mainfo", meaning: "forged" })).toBe(false);
    expect(one.learn("", own)).toBe(false);
    expect(one.describe("mainfo")?.meaning).toBe("a value that was measured");
  });

  test("strangers that describe types without end push each other out, and keep nothing more", () => {
    const one = registry();
    for (let i = 0; i < 1000; i++)
      for (let j = 0; j < 40; j++) one.learn(`robot-${i}@x`, { ot: `l:${j}`, meaning: "" });
    const known = Array.from({ length: 1000 }, (_, i) => one.list(`robot-${i}@x`).length);
    expect(known.reduce((sum, count) => sum + count)).toBe(64 * 32);
    expect(known[999]).toBe(32);
    expect(one.describe("l:39", "robot-999@x")).toBeDefined();
    expect(one.describe("l:7", "robot-999@x")).toBeUndefined();
  });
});

describe("what a Datum is", () => {
  const roleOf = (datum: { ot: string; src: string; dst: string; re?: number; err?: string }) => {
    const found = registry().describeDatum(datum);
    return found && `${found.role} ${found.type.ot}`;
  };
  test.each([
    [{ ot: "l:telemetry", src: "sim-1@kitchen", dst: "" }, "datum l:telemetry"],
    [{ ot: "l:led", src: "me@phone", dst: "sim-1@kitchen" }, "request l:led"],
    [{ ot: "l:led", src: "sim-1@kitchen", dst: "me@phone", re: 7 }, "reply l:led"],
    [{ ot: "l:led", src: "sim-1@kitchen", dst: "me@phone", err: "no" }, "reply l:led"],
    [{ ot: "l:led", src: "sim-1@kitchen", dst: "sim-2@kitchen", re: 7 }, "reply l:led"],
    [{ ot: "l:led", src: "me@phone", dst: "lamp@attic" }, undefined],
    [{ ot: "mainfo", src: "me@phone", dst: "sim-1@kitchen" }, "datum mainfo"],
  ])("%j is a %s", (datum, role) => {
    expect(roleOf(datum)).toBe(role);
  });
});

test.each([
  ["*", "", true],
  ["*", "a@b", true],
  ["a*b", "ab", true],
  ["a*b", "a", false],
  ["ab*ba", "aba", false],
  ["ab*ba", "abba", true],
  ["a*a*a", "aa", false],
  ["a*c*e", "abcde", true],
  ["a*c*e", "aecd", false],
  ["", "x", false],
])("the pattern %j for %j: %s", (pattern, sender, is) => {
  const one = new Registry({ boards: [], types: [{ sender: pattern, type: temperature }] });
  expect(one.describe("l:temp", sender) !== undefined).toBe(is);
});

test("a pattern of many stars is slow for nobody", () => {
  const one = new Registry({ boards: [], types: [{ sender: `${"a*".repeat(2000)}b`, type: temperature }] });
  expect(one.describe("l:temp", "a".repeat(100_000))).toBeUndefined();
});
