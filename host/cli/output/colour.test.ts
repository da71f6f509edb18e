import { expect, test } from "vitest";
import { isColourWanted, paintError } from "./colour.ts";

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: "1" }, false],
  [true, { NO_COLOR: "" }, true],
  [true, { TERM: "dumb" }, false],
  [false, { FORCE_COLOR: "1" }, true],
  [false, { FORCE_COLOR: "" }, true],
  [true, { FORCE_COLOR: "0" }, false],
  [false, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
])("on a terminal: %s, with %j: %s", (isTerminal, env, wanted) => {
  expect(isColourWanted(isTerminal, env)).toBe(wanted);
});

test("of an error who says it and the word mend are in colour, and nothing else", () => {
  expect(paintError("bowline: no bowline: here [CODE]\n  mend: bowline up")).toBe(
    "\u001b[31mbowline:\u001b[0m no bowline: here [CODE]\n  \u001b[1mmend:\u001b[0m bowline up",
  );
});
