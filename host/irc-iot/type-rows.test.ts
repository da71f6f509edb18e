import { expect, test } from "vitest";
import { ircTypes } from "../config/irc-types-schema.ts";
import { Registry } from "./registry.ts";
import { sayMessage } from "./say.ts";
import { splitWords } from "./split-words.ts";
import { localTypesOf } from "./type-rows.ts";
import { parseWords } from "./words.ts";

const rows = [
  {
    ...{ sender: "climate@*", ot: "l:temp", meaning: "temperature of the greenhouse", isRequest: true },
    fields: [
      { name: "v", kind: "number", unit: "°C" },
      { name: "window", kind: "integer", words: ["open=1", "shut=0"] },
    ],
  },
  {
    ...{ ot: "l:setup", word: "set" },
    fields: [
      { name: "mode", of: "request", kind: "text", choices: ["warm", "cold"] },
      { name: "limit", of: "request", kind: "number", min: 0, max: 40, required: true },
      { name: "limit", of: "reply", kind: "number", unit: "°C" },
    ],
  },
];
const registry = new Registry({ boards: [], types: localTypesOf(ircTypes().parse(rows)) });

test("a type of the configuration has words and units, with the robots it is of", () => {
  const message = { ot: "l:temp", v: 21.5, window: 1 };
  const say = (sender: string) => sayMessage(message, { registry, sender, maxBytes: 200 });
  expect(say("climate@kitchen")).toBe("v 21.5 °C, window open");
  expect(say("cat@sofa")).toBe("v 21.5, window 1");
});

test("it can be asked by its word, what is required first", () => {
  const parse = (line: string) => parseWords(splitWords(line), registry);
  expect(parse("temp climate@kitchen")).toEqual({ device: "climate@kitchen", message: { ot: "l:temp" } });
  expect(parse("set x@y 30 warm")).toEqual({
    device: "x@y",
    message: { ot: "l:setup", limit: 30, mode: "warm" },
  });
  expect(parse("set x@y 50")).toMatchObject({ wrong: expect.stringContaining("a number from 0 to 40") });
});

test.each([
  [[{ ot: "temp" }], "takes l:"],
  [[{ ot: "l:x", fields: [{ name: "v", kind: "colour" }] }], "Invalid option"],
  [[{ ot: "l:x", fields: [{ name: "v", words: ["open"] }] }], "takes WORD=VALUE"],
  [[{ ot: "l:x", fields: [{ name: "a b" }] }], "no blank"],
])("%j is refused", (wrong, text) => {
  expect(ircTypes().safeParse(wrong).error?.message).toContain(text);
});

test("words of a configuration are numbers and flags where they look like it", () => {
  const [{ type }] = localTypesOf(
    ircTypes().parse([
      { ot: "l:x", fields: [{ name: "v", words: ["a=1", "b=-2.5", "c=true", "d=x=y", "e=01x"] }] },
    ]),
  );
  expect(type.items?.[0].words).toEqual({ a: 1, b: -2.5, c: true, d: "x=y", e: "01x" });
});
