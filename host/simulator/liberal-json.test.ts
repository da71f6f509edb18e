import { expect, test } from "vitest";
import { parseLiberally, stringifyLiberally } from "./liberal-json.ts";

// As Espruino 2v29 wrote each.
test.each([
  [{ a: 1, "b-c": "x\xff", d: [1, { e: null }], u: undefined }, '{a:1,"b-c":"x\\xFF",d:[1,{e:null}]}'],
  [{ "": 1, "9a": 2, a9: 3, $_: 4, if: 6, true: 8 }, '{"":1,"9a":2,a9:3,"$_":4,if:6,true:8}'],
  [
    ["\0\x01\n\r\t\b\f\v\"'\x7f\x80\xe9\\", "a\x001"],
    '["\\0\\1\\n\\r\\t\\b\\f\\v\\"\'\\x7F\\x80\\xE9\\\\","a\\x001"]',
  ],
  [[Number.NaN, Number.POSITIVE_INFINITY, true, Uint8Array.of(1, 2)], "[null,null,true,[1,2]]"],
])("%j is written as the board writes it, and read back", (value, text) => {
  expect(stringifyLiberally(value)).toBe(text);
  expect(stringifyLiberally(parseLiberally(text))).toBe(text);
});

test.each([
  ["{'a':1}", { a: 1 }],
  ["[1,]", [1]],
  ["{a:1,}", { a: 1 }],
  ['{"a":0x10}', { a: 16 }],
  ["{a:-1}", { a: -1 }],
  ["'x\\x41\\u0042\\n'", "xAB\n"],
  ["[1,2] junk", [1, 2]],
  [" 5", 5],
  ["{1:2}", { 1: 2 }],
  [" { } ", {}],
  ['{"a":[],"b":{"c":null}}', { a: [], b: { c: null } }],
])("%s is read as the board reads it", (text, value) => {
  expect(parseLiberally(text)).toEqual(value);
});

test.each([
  ["", "Expecting valid value, got EOF"],
  ["{a:b}", "Expecting valid value, got ID"],
  ["tru", "Expecting valid value, got ID"],
  ["{a:1", "Got EOF expected ','"],
  ["\xff\xff", "Expecting valid value, got EOF"],
])("%j is refused in the board's words", (text, message) => {
  expect(() => parseLiberally(text)).toThrow(message);
});
