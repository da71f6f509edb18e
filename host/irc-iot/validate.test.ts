import fc from "fast-check";
import { expect, test } from "vitest";
import type { Datum } from "./datum.ts";
import { Registry } from "./registry.ts";
import { itemKinds } from "./type-description.ts";
import { validate } from "./validate.ts";

const SEED = Number(process.env.SEED ?? 6);
const registry = new Registry({ boards: ["*@kitchen"], types: [] });
const differences = (fields: Partial<Datum>) =>
  validate({ ot: "x", src: "sim-1@kitchen", dst: "", ...fields }, registry).map(
    ({ field, reason }) => `${field} ${reason}`,
  );
const asked = { src: "me@phone", dst: "sim-1@kitchen" };

test.each<[Partial<Datum>, string[]]>([
  [{ ot: "l:telemetry", temp: 20.75, free: 3200, flags: [], extra: {} }, []],
  [{ ot: "l:telemetry", temp: null }, []],
  [
    { ot: "l:telemetry", temp: "warm", free: 1.5, flags: "" },
    ["temp is a string, not number", "free is a number, not integer", "flags is a string, not list"],
  ],
  [{ ot: "l:led", ...asked }, ["on is missing"]],
  [{ ot: "l:led", ...asked, on: 1 }, ["on is a number, not flag"]],
  [{ ot: "l:led", ...asked, on: true }, []],
  [{ ot: "l:watch", ...asked, pin: "B3", edge: "up" }, ['edge is "up", not rising, falling, both, none']],
  [{ ot: "l:interval", ...asked, s: -1 }, ["s is -1, below 0"]],
  [{ ot: "modbus01", ui: 255, crc: 1 }, ["ui is 255, above 254"]],
  [{ ot: "l:read", re: 7, err: "no such pin" }, []],
  [{ ot: "l:read", re: 7 }, ["pin is missing"]],
])("%j: %j", (fields, expected) => {
  expect(differences(fields)).toEqual(expected);
});

test("what nobody has described fits, whatever it is", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (fields, name) => {
      expect(differences({ ...fields, ot: `l:${name}`, src: "x@attic", dst: "" })).toEqual([]);
      expect(differences({ ...fields, ot: "myown", dst: "" })).toEqual([]);
    }),
    { numRuns: 200, seed: SEED },
  );
});

test("a value that has a word fits, whatever its kind", () => {
  const item = { name: "v", kind: "integer", meaning: "", words: { open: 1, unknown: "?" } } as const;
  const type = { ot: "l:x", meaning: "", items: [item] };
  const one = new Registry({ boards: [], types: [{ sender: "*", type }] });
  const fits = (v: unknown) => validate({ ot: "l:x", src: "a@b", dst: "", v }, one).length === 0;
  expect([1, 2, "?", "open"].map(fits)).toEqual([true, true, true, false]);
});

test("each kind takes its own values and tells others", () => {
  const values = ["a", 1.5, 1, true, "2026-01-02 03:04:05", [], {}];
  const taken = itemKinds.map((kind) => {
    const type = { ot: "l:x", meaning: "", items: [{ name: "v", kind, meaning: "" }] };
    const one = new Registry({ boards: [], types: [{ sender: "*", type }] });
    const fits = values.filter((v) => validate({ ot: "l:x", src: "a@b", dst: "", v }, one).length === 0);
    return [kind, fits];
  });
  expect(Object.fromEntries(taken)).toEqual({
    text: ["a", "2026-01-02 03:04:05"],
    number: [1.5, 1],
    integer: [1],
    flag: [true],
    level: [1.5, 1, true],
    duration: [1.5, 1],
    time: ["2026-01-02 03:04:05"],
    list: [[]],
    object: [{}],
    any: values,
  });
});
