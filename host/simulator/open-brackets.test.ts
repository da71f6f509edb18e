import { expect, test } from "vitest";
import { openBrackets } from "./open-brackets.ts";

test.each([
  ["1+1", false],
  ["[1,2", true],
  ["if (1) {\nprint(5)", true],
  ["if (1) {\nprint(5)\n}", false],
  ["print(1))", false],
  [")(", false],
  ["'('", false],
  ['"\\"("', false],
  ["'unfinished(", false],
  ["`a(\n", true],
  ["`a(\n`", false],
  ["/* (", true],
  ["/* ( */ 1", false],
  ["// (", false],
  ["f( // )", true],
  ["x.match(/[(]/)", false],
  ["a / b( / c", true],
  ["(a / 2) / (b", true],
  ["'it\\'s ('", false],
])("%j: more is to come: %s", (text, isOpen) => {
  expect(openBrackets(text) > 0).toBe(isOpen);
});
