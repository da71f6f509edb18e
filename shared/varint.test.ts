import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeVarint, encodeVarint, Varint, varintLength, varintSize } from "./varint.ts";
import vectors from "./vectors/session.json";

const scratch = new Uint8Array(16);

/** The naive twin: the rule of SQLite4 in BigInt, byte by byte. */
function naive(value: bigint): number[] {
  if (value <= 240n) return [Number(value)];
  if (value <= 2287n) return [Number((value - 240n) / 256n) + 241, Number((value - 240n) % 256n)];
  if (value <= 67823n) return [249, Number((value - 2288n) / 256n), Number((value - 2288n) % 256n)];
  const bytes: number[] = [];
  for (let rest = value; rest > 0n; rest /= 256n) bytes.unshift(Number(rest % 256n));
  return [247 + bytes.length, ...bytes];
}

describe("SQLite4 variable-length integers", () => {
  test.each(vectors.varint)("$value is $hex on the wire, both ways", ({ value, hex }) => {
    const bytes = Buffer.from(hex, "hex");
    const end = encodeVarint(scratch, 0, value);
    expect(Buffer.from(scratch.subarray(0, end)).toString("hex")).toBe(hex);
    expect(varintSize(value)).toBe(bytes.length);
    expect(varintLength(bytes[0])).toBe(bytes.length);
    expect(decodeVarint(bytes, 0, bytes.length)).toBe(value);
    for (let cut = 0; cut < bytes.length; cut++) expect(decodeVarint(bytes, 0, cut)).toBe(Varint.MORE);
    expect(decodeVarint(Buffer.from(`aa${hex}bb`, "hex"), 1, bytes.length + 2)).toBe(value);
  });

  test("a number above 2^53−1 is out of range, the longest included", () => {
    const above = Buffer.from("fe20000000000000", "hex");
    expect(decodeVarint(above, 0, above.length)).toBe(Varint.RANGE);
    const longest = Buffer.from("ffffffffffffffffff", "hex");
    expect(decodeVarint(longest, 0, longest.length)).toBe(Varint.RANGE);
  });

  test("a reader takes a longer form than the shortest", () => {
    expect(decodeVarint(Buffer.from("fa000001", "hex"), 0, 4)).toBe(1);
  });

  test("writing equals the naive twin and reading undoes it, for any number", () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeNat(), fc.nat(70_000), fc.nat(3000)), (value) => {
        const end = encodeVarint(scratch, 3, value);
        expect([...scratch.subarray(3, end)]).toEqual(naive(BigInt(value)));
        expect(decodeVarint(scratch, 3, end)).toBe(value);
        expect(varintSize(value)).toBe(end - 3);
      }),
      { numRuns: 2000 },
    );
  });
});
