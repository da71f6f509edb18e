import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Registry } from "./registry.ts";
import { splitWords } from "./split-words.ts";
import { standardTypes } from "./standard-types.ts";
import { type ItemDescription, itemKinds, type TypeDescription } from "./type-description.ts";
import { exampleOf, usageOf } from "./usage.ts";
import { parseWords, sayRequest } from "./words.ts";

const SEED = Number(process.env.SEED ?? 6);

const setup: TypeDescription = {
  ot: "l:setup",
  meaning: "its settings",
  request: [
    { name: "interval", kind: "duration", meaning: "between two values", min: 0.1 },
    { name: "limit", kind: "number", meaning: "above it is hot", unit: "°C" },
    { name: "note", kind: "text", meaning: "for whoever reads it" },
    { name: "mode", kind: "text", meaning: "what it does", choices: ["warm", "cold"] },
  ],
};
const registry = new Registry({
  boards: ["*@kitchen", "*@gw2"],
  types: [{ sender: "climate@kitchen", type: setup }],
  senderOf: (device) => (device.startsWith("gw2/") ? `${device.slice(4)}@gw2` : `${device}@kitchen`),
});
const parse = (line: string) => parseWords(splitWords(line), registry);

describe("words into a request", () => {
  test.each([
    ["led sim-1 on", "sim-1", { ot: "l:led", on: true }],
    ["led gw2/sim-1 off", "gw2/sim-1", { ot: "l:led", on: false }],
    ["led sim-1 on=yes", "sim-1", { ot: "l:led", on: true }],
    ["read sim-1 A0 analog", "sim-1", { ot: "l:read", pin: "A0", analog: true }],
    ["read sim-1 analog", "sim-1", { ot: "l:read", pin: "analog" }],
    ["read sim-1 analog=true pin=A0", "sim-1", { ot: "l:read", pin: "A0", analog: true }],
    ["write sim-1 B3 on", "sim-1", { ot: "l:write", pin: "B3", value: true }],
    ["write sim-1 B3 0.5", "sim-1", { ot: "l:write", pin: "B3", value: 0.5 }],
    ["watch sim-1 BTN1", "sim-1", { ot: "l:watch", pin: "BTN1" }],
    ["watch sim-1 BTN1 rising", "sim-1", { ot: "l:watch", pin: "BTN1", edge: "rising" }],
    ["interval sim-1 2m", "sim-1", { ot: "l:interval", s: 120 }],
    ["interval sim-1 0", "sim-1", { ot: "l:interval", s: 0 }],
    ["info sim-1", "sim-1", { ot: "l:info" }],
    ["reboot sim-1", "sim-1", { ot: "l:reboot" }],
    ["setup climate limit=30", "climate", { ot: "l:setup", limit: 30 }],
    ["setup climate cold", "climate", { ot: "l:setup", mode: "cold" }],
    ["setup climate 30s cold limit=5", "climate", { ot: "l:setup", interval: 30, limit: 5, mode: "cold" }],
    ["setup climate 500ms", "climate", { ot: "l:setup", interval: 0.5 }],
    ['setup climate note="warm  there"', "climate", { ot: "l:setup", note: "warm  there" }],
    ["send sim-1 l:none", "sim-1", { ot: "l:none" }],
    ['send sim-1 l:x {"a": "b  c", "d":[1, 2]}', "sim-1", { ot: "l:x", a: "b  c", d: [1, 2] }],
  ])("%s", (line, device, message) => {
    expect(parse(line)).toEqual({ device, message });
  });

  test("the fields come in the order of the description, so that a request said twice has the same text", () => {
    const one = parse("read sim-1 analog=true pin=A0");
    expect(JSON.stringify(one)).toBe(JSON.stringify(parse("read sim-1 A0 analog")));
  });
});

describe("what is wrong is said with what is allowed, and an example that is right", () => {
  test.each([
    ["", "nothing was typed", "led"],
    ["lde sim-1 on", 'no command "lde"; did you mean led?', "led"],
    ["led", "led: which board is missing", "led BOARD on|off"],
    ["led sim-1", "led: on is missing, whether it is lit: on or off", "led BOARD on|off"],
    ["led sim-1 maybe", 'led: on is "maybe", allowed is on or off', "led BOARD on|off"],
    ["led sim-1 on off", 'led: "off" is a word too many', "led BOARD on|off"],
    ["led sim-1 on on=off", "led: on is given twice", "led BOARD on|off"],
    ["read sim-1", "read: pin is missing, name of the pin: a text", "read BOARD PIN [analog|digital]"],
    ["watch sim-1 B3 up", 'watch: edge is "up", allowed is rising, falling, both or none', "watch BOARD PIN"],
    ["interval sim-1 -1", 'interval: s is "-1", allowed is seconds, or a time as 500ms', "interval BOARD S"],
    ["setup sim-1 limit=3", "sim-1 has no setup", "info, led"],
    ["setup climate 1ms", 'setup: interval is "1ms"', "setup BOARD [INTERVAL] [LIMIT] [NOTE] [warm|cold]"],
    ["send", "send: which board is missing", "send BOARD TYPE [JSON]"],
    ["send sim-1", "send: the type of the request is missing", "send BOARD TYPE [JSON]"],
    ["send sim-1 l:led {on:true}", 'send: "{on:true}" is no JSON object', "send BOARD TYPE [JSON]"],
    ["send sim-1 l:led [1]", 'send: "[1]" is no JSON object', "send BOARD TYPE [JSON]"],
    ['send sim-1 l:led {"ot":"l:x"}', "send: the type stands before the JSON", "send BOARD TYPE [JSON]"],
    ["send sim-1 l:led {} x", 'send: "x" is a word too many', "send BOARD TYPE [JSON]"],
  ])("%s", (line, wrong, allowed) => {
    const seen = parse(line) as { wrong: string; allowed: string; example: string };
    expect(seen.wrong).toContain(wrong);
    expect(seen.allowed).toContain(allowed);
    expect(parse(seen.example)).toHaveProperty("message");
  });

  test("what is long is not repeated as a whole", () => {
    const { wrong } = parse(`led sim-1 ${"x".repeat(400)}`) as { wrong: string };
    expect(wrong.length).toBeLessThan(100);
  });
});

test.each(standardTypes.filter(({ request }) => request).map((type) => [usageOf(type), type] as const))(
  "the example of %s is right",
  (_, type) => {
    expect(parse(exampleOf(type))).toMatchObject({ message: { ot: type.ot } });
  },
);

describe("a request in words is the same request", () => {
  test.each([
    [{ ot: "l:led", on: true }, "led sim-1 on"],
    [{ ot: "l:read", pin: "A0", analog: true }, "read sim-1 A0 analog"],
    [{ ot: "l:write", pin: "B3", value: true }, "write sim-1 B3 on"],
    [{ ot: "l:write", pin: "B3", value: 1 }, "write sim-1 B3 1"],
    [{ ot: "l:reboot" }, "reboot sim-1"],
    [{ ot: "l:led", on: "maybe" }, 'send sim-1 l:led {"on":"maybe"}'],
    [{ ot: "l:led", on: true, x: 1 }, 'send sim-1 l:led {"on":true,"x":1}'],
    [{ ot: "l:led" }, "send sim-1 l:led"],
    [{ ot: "l:setup", limit: 5 }, 'send sim-1 l:setup {"limit":5}'],
  ])("%j is %s", (message, line) => {
    expect(sayRequest("sim-1", message, registry)).toBe(line);
    expect(parse(line)).toEqual({ device: "sim-1", message });
  });

  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("on", "a=b", "1", "true", '"', "{", "x y", ""),
  );
  const name = fc.oneof(fc.constantFrom("on", "pin", "s", "a.b", "x=y", "ot2"), fc.string({ minLength: 1 }));
  const item = fc.record(
    {
      name: name.filter((one) => one !== "__proto__" && one !== "ot"),
      kind: fc.constantFrom(...itemKinds),
      meaning: fc.constant(""),
      required: fc.boolean(),
      words: fc.dictionary(
        fc.constantFrom("on", "off", "analog", "A0", "1"),
        fc.constantFrom(true, false, 1, "x"),
      ),
    },
    { requiredKeys: ["name", "kind", "meaning"] },
  ) as fc.Arbitrary<ItemDescription>;
  const value = fc.oneof(json, text, fc.boolean(), fc.double({ noNaN: true }), fc.integer());

  test("whatever it is, and however its type is described: words, JSON, words", () => {
    const items = fc.uniqueArray(item, { selector: (one) => one.name, maxLength: 4 });
    fc.assert(
      fc.property(items, fc.array(value, { maxLength: 5 }), fc.boolean(), (request, values, isMore) => {
        const type: TypeDescription = { ot: "l:x", meaning: "", request };
        const one = new Registry({ boards: [], types: [{ sender: "*", type }] });
        const fields = Object.fromEntries(values.map((each, i) => [request[i]?.name ?? `more-${i}`, each]));
        const message = JSON.parse(JSON.stringify({ ot: "l:x", ...fields, ...(isMore ? { more: 1 } : {}) }));
        const line = sayRequest("sim-1", message, one);
        expect(parseWords(splitWords(line), one)).toEqual({ device: "sim-1", message });
      }),
      { numRuns: 500, seed: SEED },
    );
  });

  test("what no person would type is refused in words, not thrown", () => {
    const word = fc.oneof(
      text,
      fc.constantFrom("led", "send", "sim-1", "l:led", "on", "pin=", '{"a":', "on=on"),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        const parsed = parseWords(words, registry);
        if ("message" in parsed) return;
        expect(parsed.wrong).not.toBe("");
        expect(parse(parsed.example)).toHaveProperty("message");
      }),
      { numRuns: 500, seed: SEED },
    );
  });
});

describe("a line is cut into words", () => {
  test.each([
    ["  led   sim-1 on ", ["led", "sim-1", "on"]],
    ['a "b c" d', ["a", '"b c"', "d"]],
    ['a n="b c" d', ["a", 'n="b c"', "d"]],
    ['a {"b": "}  \\" c"} d', ["a", '{"b": "}  \\" c"}', "d"]],
    ["a [1, [2, 3]] b", ["a", "[1, [2, 3]]", "b"]],
    ["a } b", ["a", "}", "b"]],
    ['a "b c', ["a", '"b c']],
    ["a {b c", ["a", "{b c"]],
    ["", []],
  ])("%j", (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });
});
