import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Datum } from "./datum.ts";
import { parseDescription } from "./description-text.ts";
import { answerLookup, learnAnswer, lookupFor, lookupOf } from "./lookup.ts";
import { Registry } from "./registry.ts";
import { standardTypes } from "./standard-types.ts";

const SEED = Number(process.env.SEED ?? 6);
const ours = () => new Registry({ boards: ["*@kitchen"], types: [] });
const theirs = () => new Registry({ boards: [], types: [] });
const addresses = ["sim-1@kitchen", "sim-2@kitchen"];
const ask = (fields: { ot: string }) => ({ ...fields, src: "me@phone", dst: "" }) as Datum;
const answer = (lookup: Datum) =>
  answerLookup(lookup, { registry: ours(), addresses, self: "bowline@kitchen" });

describe("asked", () => {
  test("for an address of ours: its types, from that address, to who asked", () => {
    expect(answer({ ...ask(lookupOf("sim-1@kitchen")), rq: 7 })).toEqual([
      {
        ...{ ot: "answer", src: "sim-1@kitchen", dst: "me@phone", re: 7 },
        a: [{ a1: "sim-1@kitchen", types: standardTypes.map(({ ot }) => ot) }],
      },
    ]);
  });

  test("for a type of it: its description, or null", () => {
    const [described] = answer(ask(lookupOf("sim-1@kitchen", "l:led")));
    expect(described.a).toEqual([
      { a1: "sim-1@kitchen", ot: "l:led", d: standardTypes.find(({ ot }) => ot === "l:led") },
    ]);
    const [none] = answer(ask(lookupOf("sim-1@kitchen", "l:none")));
    expect(none.a).toEqual([{ a1: "sim-1@kitchen", ot: "l:none", d: null }]);
  });

  test("in reverse: who has a type", () => {
    expect(answer(ask(lookupFor("l:led")))).toEqual([
      {
        ...{ ot: "answer", src: "bowline@kitchen", dst: "me@phone" },
        r: [{ ot: "l:led", a1: "sim-1@kitchen", a2: "sim-2@kitchen" }],
      },
    ]);
  });

  test("for several at once, as spec 603 groups them: one Datum for each address", () => {
    const lookup = {
      ot: "lookup",
      a: [
        { a1: "sim-1@kitchen", a2: "x@y" },
        { a1: "sim-2@kitchen", ot: "l:led" },
      ],
    };
    expect(answer(ask(lookup)).map(({ src }) => src)).toEqual(addresses);
  });

  test.each([
    ["an address of others", lookupOf("@NSK")],
    ["a type that nobody has", lookupFor("l:none")],
    ["nothing", { ot: "lookup" }],
    ["what makes no sense", { ot: "lookup", a: [null, 5, "x", [], { a1: 7 }], r: { ot: {} } }],
  ])("for %s: no answer, others may have one", (_, lookup) => {
    expect(answer(ask(lookup))).toEqual([]);
  });

  test("for very much: no more than two questions are answered, and 32 addresses named", () => {
    const a = Array.from({ length: 1000 }, () => ({ a1: "sim-1@kitchen" }));
    expect(answer({ ...ask({ ot: "lookup" }), a })[0].a).toHaveLength(2);
    const many = Array.from({ length: 1000 }, (_, i) => `sim-${i}@kitchen`);
    const [{ r }] = answerLookup(ask(lookupFor("l:led")), { registry: ours(), addresses: many, self: "x" });
    expect(Object.keys((r as object[])[0])).toHaveLength(33);
  });
});

describe("asking", () => {
  test("what a robot answers of itself is learned, and describes its Datums from then on", () => {
    const registry = theirs();
    const [datum] = answer(ask(lookupOf("sim-1@kitchen", "l:telemetry")));
    const onTheWire = JSON.parse(JSON.stringify(datum)) as Datum;
    expect(learnAnswer(onTheWire, registry)).toEqual(["l:telemetry"]);
    expect(registry.describe("l:telemetry", "sim-1@kitchen")).toEqual(standardTypes[0]);
    expect(registry.describe("l:telemetry", "sim-2@kitchen")).toBeUndefined();
  });

  const description = { ot: "l:led", meaning: "forged" };
  test.each([
    ["of somebody else", { a: [{ a1: "sim-2@kitchen", ot: "l:led", d: description }] }],
    ["of another type than it says", { a: [{ a1: "sim-1@kitchen", ot: "l:x", d: description }] }],
    ["of the global dictionary", { a: [{ a1: "sim-1@kitchen", ot: "mainfo", d: { ot: "mainfo" } }] }],
    ["that there is none", { a: [{ a1: "sim-1@kitchen", ot: "l:led", d: null }] }],
    ["nothing", {}],
  ])("what it says %s is not", (_, fields) => {
    expect(learnAnswer({ ot: "answer", src: "sim-1@kitchen", dst: "", ...fields }, theirs())).toEqual([]);
  });
});

describe("a description that travels", () => {
  test.each(standardTypes.map((type) => [type.ot, type] as const))("%s comes as it left", (_, type) => {
    expect(parseDescription(JSON.parse(JSON.stringify(type)))).toEqual(type);
  });

  test("of the firmware has no quotes in it, which the reference (PyIRCIoT) loses in fragments", () => {
    expect(JSON.stringify(standardTypes)).not.toMatch(/'|\\"/);
  });

  const item = { name: "v", kind: "number" };
  test.each([
    ["no type", { meaning: "x" }],
    ["no local type", { ot: "mainfo" }],
    ["a name with a blank", { ot: "l:a b" }],
    ["an endless meaning", { ot: "l:x", meaning: "x".repeat(201) }],
    ["a field twice", { ot: "l:x", items: [item, item] }],
    ["a field named ot", { ot: "l:x", items: [{ ...item, name: "ot" }] }],
    ["a field named __proto__", { ot: "l:x", items: [{ ...item, name: "__proto__" }] }],
    ["a limit that is none", { ot: "l:x", items: [{ ...item, min: "0" }] }],
    ["words for an object", { ot: "l:x", items: [{ ...item, words: { a: {} } }] }],
    [
      "too many words",
      {
        ot: "l:x",
        items: [{ ...item, words: Object.fromEntries([...Array(33).keys()].map((i) => [i, i])) }],
      },
    ],
    [
      "too many fields",
      { ot: "l:x", items: Array.from({ length: 65 }, (_, i) => ({ ...item, name: `v${i}` })) },
    ],
    ["no list of fields", { ot: "l:x", request: {} }],
    ["a word with a line end", { ot: "l:x", word: "a\nb" }],
  ])("with %s is none", (_, description) => {
    expect(parseDescription(description)).toBeUndefined();
  });

  test("a kind that we do not know is any", () => {
    expect(parseDescription({ ot: "l:x", items: [{ name: "v", kind: "colour" }] })?.items).toEqual([
      { name: "v", kind: "any", meaning: "" },
    ]);
  });
});

test("whatever comes as lookup or answer, nothing is thrown", () => {
  const question = fc.record(
    {
      a1: fc.oneof(fc.constantFrom(...addresses), fc.jsonValue()),
      ot: fc.oneof(fc.constant("l:led"), fc.jsonValue()),
      d: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const part = fc.oneof(question, fc.array(fc.oneof(question, fc.jsonValue())), fc.jsonValue());
  fc.assert(
    fc.property(part, part, (a, r) => {
      for (const datum of answer({ ot: "lookup", src: "x", dst: "", a, r })) expect(datum.dst).toBe("x");
      learnAnswer({ ot: "answer", src: "sim-1@kitchen", dst: "", a, r }, theirs());
    }),
    { numRuns: 300, seed: SEED },
  );
});
