import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeEngine, crc32 as ourCrc32 } from "./engine.ts";

test("crc32() equals zlib's over any range of any bytes", () => {
  expect(nodeEngine.crc32(Buffer.from("123456789"), 0, 9) >>> 0).toBe(0xcbf43926);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300), (bytes, a, b) => {
      const start = Math.min(a, b, bytes.length);
      const end = Math.min(Math.max(a, b), bytes.length);
      expect(nodeEngine.crc32(bytes, start, end) >>> 0).toBe(crc32(bytes.subarray(start, end)));
    }),
    { numRuns: 2000 },
  );
});

test("crc32() of a piece goes on from that of what is before it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, at) => {
      const cut = Math.min(at, bytes.length);
      const whole = ourCrc32(bytes, cut, bytes.length, ourCrc32(bytes, 0, cut));
      expect(whole >>> 0).toBe(crc32(bytes));
    }),
    { numRuns: 500 },
  );
});

test("copy() equals set() of a view, within one array leftwards too", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.nat(299),
      fc.nat(299),
      fc.nat(299),
      (bytes, a, b, c) => {
        const [to, start, end] = [a, b, c].map((n) => n % (bytes.length + 1)).sort((x, y) => x - y);
        const expected = Uint8Array.from(bytes);
        expected.set(expected.slice(start, end), to);
        nodeEngine.copy(bytes, to, bytes, start, end);
        expect(bytes).toEqual(expected);
      },
    ),
    { numRuns: 2000 },
  );
});
