import { expect, test } from "vitest";
import { displayWidth, formatJson, printable, shorten } from "./display.ts";

test.each([
  ["Pico 1.3", "Pico 1.3"],
  ["caf\u00e9 \u6e29\u5ea6", "caf\u00e9 \u6e29\u5ea6"],
  ["\u001b[2J", "\\u001b[2J"],
  ["a\nb\r\tc", "a\\u000ab\\u000d\\u0009c"],
  ["\u009b31m", "\\u009b31m"],
  ["a\u202eb\u200bc\u2028", "a\\u202eb\\u200bc\\u2028"],
  ["\ud800", "\\ud800"],
])("printable(%j) is %j", (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test("formatJson() escapes what JSON leaves, and stays the same value", () => {
  const value = { id: "\u009b\u202e\u001b", text: "\u6e29\u5ea6 \ud83d\ude00" };
  const text = formatJson(value);
  expect(text).toBe('{"id":"\\u009b\\u202e\\u001b","text":"\u6e29\u5ea6 \ud83d\ude00"}');
  expect(JSON.parse(text)).toEqual(value);
});

test.each([
  ["", 0],
  ["abc", 3],
  ["\u6e29\u5ea6", 4],
  ["e\u0301", 1],
  ["\ud83d\ude00", 2],
  ["22.4 \u00b0C", 7],
])("displayWidth(%j) is %i", (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test.each([
  ["serial /dev/ttyACM0", 19, "serial /dev/ttyACM0"],
  ["serial /dev/ttyACM0", 18, "serial /d…/ttyACM0"],
  ["serial /dev/ttyACM0", 5, "se…M0"],
  ["serial /dev/ttyACM0", 2, "s…"],
  ["serial /dev/ttyACM0", 1, "…"],
  ["\u6e29\u5ea6\u6e29\u5ea6", 7, "\u6e29\u5ea6…\u5ea6"],
  ["\u6e29\u5ea6\u6e29\u5ea6", 6, "\u6e29…\u5ea6"],
  ["\u6e29\u5ea6\u6e29\u5ea6", 2, "…"],
])("shorten(%j, %i) is %j, and never wider", (text, width, shown) => {
  expect(shorten(text, width)).toBe(shown);
  expect(displayWidth(shown)).toBeLessThanOrEqual(width);
});
