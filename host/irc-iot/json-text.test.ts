import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAscii, parseJson } from "./json-text.ts";
import { datum, SEED } from "./testing/arbitraries.ts";

test("formatAscii() is JSON without blanks, in ASCII, of the same value", () => {
  fc.assert(
    fc.property(datum, (one) => {
      const text = formatAscii(one);
      expect(text).toMatch(/^[ -~]*$/);
      expect(JSON.parse(text)).toStrictEqual(one);
      expect(text.length).toBeGreaterThanOrEqual(JSON.stringify(one).length);
    }),
    { numRuns: 500, seed: SEED },
  );
});

test.each([
  [
    { a: "Кухня", b: "\u007f\u2028\n\"\\/'" },
    '{"a":"\\u041a\\u0443\\u0445\\u043d\\u044f","b":"\\u007f\\u2028\\n\\"\\\\/\'"}',
  ],
  [[-0, 1e21, 1e-9, 0.1, -5], "[-0.0,1e+21,1e-9,0.1,-5]"],
  [{ a: undefined, b: [undefined, null] }, '{"b":[null,null]}'],
  [JSON.parse('{"__proto__":{"x":1},"constructor":2}'), '{"__proto__":{"x":1},"constructor":2}'],
  ["\ud800", '"\\ud800"'],
])("formatAscii(%j)", (value, text) => {
  expect(formatAscii(value)).toBe(text);
});

test.each([
  [Number.NaN, "NaN"],
  [-Infinity, "-Infinity"],
  [2 ** 53, "below 2^53"],
  [-1e20, "below 2^53"],
  [1n, "a bigint"],
  [() => 1, "a function"],
  [new Map(), "an object of Map"],
])("formatAscii() refuses %s", (value, words) => {
  expect(() => formatAscii({ value })).toThrow(words);
});

test("formatAscii() refuses what leads back to itself, and what is nested deeper than a receiver takes", () => {
  const ring: Record<string, unknown> = {};
  ring.ring = ring;
  expect(() => formatAscii(ring)).toThrow("nested deeper");
  expect(formatAscii([[[]]], 3)).toBe("[[[]]]");
  expect(() => formatAscii([[[]]], 2)).toThrow("nested deeper");
});

describe.each([0, 2000])("parseJson() of a text with %i blanks", (blanks) => {
  const parse = (text: string, maxDepth = 32) => {
    const parsed = parseJson(" ".repeat(blanks) + text, maxDepth);
    return "code" in parsed ? parsed.reason : parsed.value;
  };

  test.each([
    ["9007199254740991", 9007199254740991],
    ["-9007199254740991", -9007199254740991],
    ['["12345678901234567890",1.5]', ["12345678901234567890", 1.5]],
    ["12345678901234567890.0", 12345678901234567000],
    ["1e300", 1e300],
    ["[-0.0,1e-09]", [-0, 1e-9]],
    ['{"a":"\\\\\\"123456789012345678901234567890"}', { a: '\\"123456789012345678901234567890' }],
  ])("takes %s", (text, value) => {
    expect(parse(text)).toStrictEqual(value);
  });

  test.each([
    ["9007199254740992", "allowed is below 2^53"],
    ["[1,-12345678901234567890]", "allowed is below 2^53"],
    ['{"a":{"b":99999999999999999999}}', "allowed is below 2^53"],
    ["1e999", "beyond all"],
    ["[NaN]", "not JSON"],
    ["Infinity", "not JSON"],
    ['{"a":1', "not JSON"],
    ["", "not JSON"],
    ["[[[[]]]]", "nested deeper than 3"],
    ['{"a":{"a":{"a":{}}}}', "nested deeper than 3"],
  ])("refuses %s", (text, words) => {
    expect(parse(text, text.includes("[[") || text.includes('{"a":{"a"') ? 3 : 32)).toContain(words);
  });

  test("takes nesting up to the limit, and brackets in strings are none", () => {
    expect(parse("[[[]]]", 3)).toEqual([[[]]]);
    expect(parse('["[[[[[", "{{{\\"{{"]', 1)).toEqual(["[[[[[", '{{{"{{']);
  });
});

test("a key __proto__ stays a key", () => {
  const parsed = parseJson('{"__proto__":{"x":1}}', 32) as { value: object };
  expect(Object.keys(parsed.value)).toEqual(["__proto__"]);
  expect((parsed.value as { x?: unknown }).x).toBeUndefined();
});
