import { describe, expect, it } from "vitest";
import { editDistance, suggest } from "./suggest.ts";

/** The same distance by its definition, too slow for anything but short words. */
function naiveDistance(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const replaced = naiveDistance(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1);
  return Math.min(replaced, naiveDistance(a.slice(1), b) + 1, naiveDistance(a, b.slice(1)) + 1);
}

describe("editDistance()", () => {
  it.each([
    ["", "", 0],
    ["", "abc", 3],
    ["port", "port", 0],
    ["prot", "port", 2],
    ["kitten", "sitting", 3],
  ])("from %j to %j is %d", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it("equals its naive twin for every pair of words of a and b up to four letters", () => {
    const words = [""];
    for (const word of words) if (word.length < 4) words.push(`${word}a`, `${word}b`);
    for (const a of words) {
      for (const b of words) expect(editDistance(a, b), `${a} → ${b}`).toBe(naiveDistance(a, b));
    }
  });
});

describe("suggest()", () => {
  it("finds the nearest key", () => {
    expect(suggest("prot", ["enabled", "host", "port"])).toBe("port");
  });
  it("takes the first of two that are equally near", () => {
    expect(suggest("hort", ["host", "port"])).toBe("host");
  });
  it("does not mind letter case", () => {
    expect(suggest("EXPIRES", ["maxPacketBytes", "expireS"])).toBe("expireS");
  });
  it("stays silent when nothing is near", () => {
    expect(suggest("colour", ["enabled", "host", "port"])).toBeUndefined();
  });
  it("finds a short name whose letters have changed places", () => {
    expect(suggest("lde", ["info", "led"])).toBe("led");
  });
  it("does not turn a short name into another one wholesale", () => {
    expect(suggest("xy", ["id"])).toBeUndefined();
    expect(suggest("qos", ["url", "tls", "topic"])).toBeUndefined();
  });
});
