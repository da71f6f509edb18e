import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonFaultAt, parseJsonObject } from "./json-argument.ts";

test("parseJsonObject() takes an object", () => {
  expect(parseJsonObject("JSON", ' {"on":true,"list":[1,{"a":null}]} ')).toEqual({
    on: true,
    list: [1, { a: null }],
  });
});

test.each([
  ['{"on":tru}', 'unexpected "t" at position 7'],
  ["{on:true}", 'unexpected "o" at position 2'],
  ['{"a":1,}', 'unexpected "}" at position 8'],
  ['{"a" 1}', 'unexpected "1" at position 6'],
  ['{"a":[1,2}', 'unexpected "}" at position 10'],
  ['{"a":01}', 'unexpected "0" at position 6'],
  ['{"a":"x\n"}', 'unexpected "\\"" at position 6'],
  ['{"a":1} x', 'unexpected "x" at position 9'],
  ["\u{1f600}", 'unexpected "\u{1f600}" at position 1'],
  ['{"a":1', "it ends too early at position 7"],
  ["", "it ends too early at position 1"],
  ["[1]", "a list"],
  ["7", "7"],
  ["null", "null"],
])("parseJsonObject(%j) says %s", (text, said) => {
  expect(() => parseJsonObject("JSON", text)).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining(`reading JSON: ${said};`) }),
  );
});

/** Can `text` be the beginning of a JSON text? Tried by ending it in every way that a token at its end may need. */
function isBeginning(text: string): boolean {
  const open = [...text.replaceAll(/"(?:[^"\\]|\\.)*"/g, "")].reduce<string[]>((stack, c) => {
    if (c === "{" || c === "[") stack.push(c === "{" ? "}" : "]");
    if (c === "}" || c === "]") stack.pop();
    return stack;
  }, []);
  const ends = ["", "0", '"a"', '"a":0', ":0", "[]"];
  return ends.some((end) => {
    try {
      JSON.parse(text + end + [...open].reverse().join(""));
      return true;
    } catch {
      return false;
    }
  });
}

test("what is before the fault can begin a JSON text, and what JSON.parse takes has no fault", () => {
  const mutated = fc.tuple(
    fc.json(),
    fc.nat(),
    fc.constantFrom("", "}", "]", ",", ":", "{", '"', "1", "x", " "),
  );
  const seed = 20_260_101;
  fc.assert(
    fc.property(mutated, ([json, where, put]) => {
      const at = where % (json.length + 1);
      const text = json.slice(0, at) + put + json.slice(at + 1);
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      const fault = jsonFaultAt(text);
      if (isJson) expect(fault).toBe(text.length);
      else expect(isBeginning(text.slice(0, fault)), `${JSON.stringify(text)} at ${fault}`).toBe(true);
    }),
    { seed, numRuns: 2000 },
  );
});
