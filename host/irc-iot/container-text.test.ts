import { expect, test } from "vitest";
import { elementSpans, withValues } from "./container-text.ts";

test.each([
  ["[]", []],
  ["[1]", ["1"]],
  [' [ {"a":[1,{"b":"],}"}]} ,\n "x\\",y" ,null ] ', ['{"a":[1,{"b":"],}"}]}', '"x\\",y"', "null"]],
])("elements of %j", (text, elements) => {
  expect(elementSpans(text).map(({ start, end }) => text.slice(start, end))).toEqual(elements);
});

test.each([
  ['{"mid":"7","o":{"mid":"8"}}', '{"mid":"","o":{"mid":"8"}}'],
  ['{ "o" : [ "mid" , "\\"mid\\":" ] , "mid" : 7 }', '{ "o" : [ "mid" , "\\"mid\\":" ] , "mid" : "" }'],
  ['{"mid":"7","mid":"8"}', '{"mid":"7","mid":""}'],
  ['{"m\\u0069d":"7"}', '{"m\\u0069d":""}'],
  ['{"o":1}', '{"o":1}'],
  ["{}", "{}"],
])("%s without its mid is %s", (text, without) => {
  expect(withValues(text, { mid: "" })).toBe(without);
});

test("several values are put in at once, in whatever order they stand", () => {
  expect(withValues('{"c1":"dead","mid":"7"}', { mid: "6", c1: "" })).toBe('{"c1":"","mid":"6"}');
});
