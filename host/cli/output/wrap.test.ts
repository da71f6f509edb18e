import { expect, test } from "vitest";
import { wrap } from "./wrap.ts";

test.each([
  ["what fits is one line", "one two", 7, ["one two"]],
  ["a line ends at a space", "one two three", 8, ["one two", "three"]],
  ["a word longer than a line is broken", "a abcdefghij b", 4, ["a", "abcd", "efgh", "ij b"]],
  ["letters of two columns count as two", "\u6e29\u5ea6\u8a08 ab", 5, ["\u6e29\u5ea6", "\u8a08 ab"]],
  ["no letter is parted from its marks", "ae\u0301e\u0301b", 2, ["ae\u0301", "e\u0301b"]],
  ["no text is one empty line", "", 5, [""]],
])("wrap(): %s", (_, text, width, lines) => {
  expect(wrap(text, width)).toEqual(lines);
});
