/** Data of messages: what is read of them, by which encoding, and what is not. */
import { decode, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatData, readData } from "./data.ts";
import { isFault } from "./fault.ts";
import type { Encoding } from "./message.ts";
import { Ext, packValue, plainValue, unpackValue } from "./pack-value.ts";

const SEED = Number(process.env.SEED ?? 1);

const read = (data: Uint8Array | string, encoding: Encoding = "JSON") =>
  readData({ data: Buffer.from(data), encoding });

test("the declared encoding is tried first, then the other", () => {
  expect(read('{"answer": 54}\n')).toEqual({ value: { answer: 54 }, encoding: "JSON" });
  expect(read('{"answer": 54}', "MessagePack")).toEqual({ value: { answer: 54 }, encoding: "JSON" });
  expect(read(encode({ answer: 54 }), "MessagePack")).toEqual({
    value: { answer: 54 },
    encoding: "MessagePack",
  });
  expect(read(encode({ answer: 54 }))).toEqual({ value: { answer: 54 }, encoding: "MessagePack" });
  // Both fit: a digit is a small integer of MessagePack as well.
  expect(read("5")).toEqual({ value: 5, encoding: "JSON" });
  expect(read("5", "MessagePack")).toEqual({ value: 0x35, encoding: "MessagePack" });
});

test.each([
  ["nothing", ""],
  ["half of JSON", '{"answer": '],
  ["two values", Buffer.from([0x80, 0x80])],
  ["the byte c1", Buffer.from([0xc1])],
  ["text that is no UTF-8", Buffer.from([0xa1, 0xff])],
  ["a list that announces more than there is", Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff])],
  ["JSON of great depth", "[".repeat(100_000) + "]".repeat(100_000)],
  ["MessagePack of great depth", Buffer.alloc(100_000, 0x91)],
  ["a map whose key is a list", Buffer.from([0x81, 0x90, 0x01])],
])("%s is a fault", (_name, data) => {
  expect(read(data)).toMatchObject({ code: "DATA_UNREADABLE" });
  expect(read(data, "MessagePack")).toMatchObject({ code: "DATA_UNREADABLE" });
});

test("integers beyond 2^53 stay what they are, and people see their digits", () => {
  const bytes = Buffer.from("92cfffffffffffffffffd38000000000000001", "hex");
  const value = unpackValue(bytes);
  expect(value).toEqual([2n ** 64n - 1n, -(2n ** 63n) + 1n]);
  expect(plainValue(value)).toEqual(["18446744073709551615", "-9223372036854775807"]);
  expect(packValue(value)).toEqual(bytes);
});

test("bytes and extension types are shown as base64", () => {
  const value = unpackValue(Buffer.from("92c40201ffd40105", "hex"));
  expect(value).toEqual([new Uint8Array([1, 255]), new Ext(1, new Uint8Array([5]))]);
  expect(plainValue({ value })).toEqual({ value: [{ base64: "Af8=" }, { ext: 1, base64: "BQ==" }] });
});

test("a key __proto__ is a key like others", () => {
  const value = unpackValue(Buffer.from("81a95f5f70726f746f5f5f01", "hex")) as object;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.entries(value)).toEqual([["__proto__", 1]]);
});

test("what has no form is a TypeError", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  for (const value of [() => 1, circle, Symbol("x"), undefined]) {
    expect(() => formatData(value, "MessagePack")).toThrow(TypeError);
    expect(() => formatData(value, "JSON")).toThrow(TypeError);
  }
});

const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.integer(),
    fc.double(),
    fc.string({ unit: "grapheme" }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 20, noNullPrototype: true }),
  ),
})).value;

test("any value goes to MessagePack and back as another codec does it", () => {
  fc.assert(
    fc.property(
      value.filter((one) => !JSON.stringify(one).includes("__proto__")),
      (one) => {
        const bytes = packValue(one);
        expect(unpackValue(bytes)).toEqual(one);
        expect(decode(new Uint8Array(bytes))).toEqual(one);
        expect(unpackValue(encode(one))).toEqual(one);
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
});

test("any bytes are a value or a fault, and what is read can be shown as JSON", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom<Encoding>("JSON", "MessagePack"),
      (bytes, encoding) => {
        const one = read(bytes, encoding);
        if (!isFault(one)) expect(typeof JSON.stringify(plainValue(one.value))).toBe("string");
      },
    ),
    { seed: SEED, numRuns: 3000 },
  );
});
