import fc from "fast-check";
import { expect, test } from "vitest";
import {
  readSeq,
  readU16,
  readU32,
  readU64,
  SEQ_RANGE,
  writeSeq,
  writeU16,
  writeU32,
  writeU64,
} from "./integers.ts";
import { SEED } from "./testing/frames.ts";

const edges = [
  0n,
  1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];
/** Few halves, so that numbers meet in a slot of what is remembered, with one half alike or none. */
const half = fc.constantFrom(0n, 1n, 0x0100n, 0x0100_0001n, 0x8000_0000n, 0xffff_ffffn);
const u64 = fc.oneof(
  fc.tuple(half, half).map(([high, low]) => (high << 32n) | low),
  fc.constantFrom(...edges),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);

test("any u64 is written and read as a DataView does, whichever were read before", () => {
  const run = (values: bigint[]) => {
    const [bytes, twin] = [new Uint8Array(10), new Uint8Array(10)];
    for (const value of values) {
      writeU64(bytes, 1, value);
      new DataView(twin.buffer).setBigUint64(1, value, true);
      expect(bytes).toEqual(twin);
      expect(readU64(bytes, 1)).toBe(value);
      expect(readSeq(bytes, 1)).toBe(value < 2n ** 53n ? Number(value) : SEQ_RANGE);
    }
  };
  fc.assert(fc.property(fc.array(u64, { maxLength: 60 }), run), { numRuns: 300, seed: SEED });
});

test("any number that counts is written and read as a DataView does", () => {
  const seq = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER));
  const run = (value: number) => {
    const [bytes, twin] = [new Uint8Array(9), new Uint8Array(9)];
    writeSeq(bytes, 1, value);
    new DataView(twin.buffer).setBigUint64(1, BigInt(value), true);
    expect(bytes).toEqual(twin);
    expect(readSeq(bytes, 1)).toBe(value);
  };
  fc.assert(fc.property(seq, run), { numRuns: 500, seed: SEED });
  for (const wrong of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => writeSeq(new Uint8Array(8), 0, wrong), `${wrong}`).toThrow(RangeError);
});

test("u16 and u32 have no sign", () => {
  const bytes = new Uint8Array(6);
  writeU16(bytes, 0, 0xfffe);
  writeU32(bytes, 2, 0xfffd_fcfb);
  expect([...bytes]).toEqual([0xfe, 0xff, 0xfb, 0xfc, 0xfd, 0xff]);
  expect([readU16(bytes, 0), readU32(bytes, 2)]).toEqual([0xfffe, 0xfffd_fcfb]);
});
