import fc from "fast-check";
import { expect, test } from "vitest";
import { findPlaces, pathOf } from "./json-places.ts";

const SEED = Number(process.env.SEED ?? 1);

test("every value has its place, by the keys that lead to it", () => {
  const text = '{ "a": [1, {"b\\"": null}],\n\t"": "x" }';
  const places = findPlaces(text);
  if (typeof places === "number") throw new Error(`it stops at ${places}`);
  const placed = [[], ["a"], ["a", "0"], ["a", "1"], ["a", "1", 'b"'], [""]].map((path) =>
    places.values.get(pathOf(path)),
  );
  expect(placed).toEqual([0, 7, 8, 11, 19, 32]);
  expect(places.values.size).toBe(6);
});

test("a key that stands twice is told, also when it is spelled otherwise", () => {
  expect(findPlaces('{"a":1,"\\u0061":2,"b":{"a":1}}')).toMatchObject({ repeated: [7] });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const json = fc.json({ maxDepth: 4 });
const piece = fc.constantFrom(
  "{",
  "}",
  "[",
  "]",
  '"',
  "\\",
  ",",
  ":",
  "0",
  "-",
  "e",
  ".",
  "true",
  "\n",
  "\u00a0",
  "\\u00",
  "\ud800",
);

test("it takes exactly what JSON.parse takes, whatever was done to the text", () => {
  fc.assert(
    fc.property(
      json,
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), piece, fc.boolean()), { maxLength: 2 }),
      (good, changes) => {
        let text = good;
        for (const [where, added, isInstead] of changes) {
          const at = Math.floor(where * text.length);
          text = text.slice(0, at) + added + text.slice(isInstead ? at + 1 : at);
        }
        expect(typeof findPlaces(text) !== "number").toBe(isJson(text));
      },
    ),
    { seed: SEED, numRuns: 3000 },
  );
});
