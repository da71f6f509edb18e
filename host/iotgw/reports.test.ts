/** Bodies of ACK, CREDIT and ROUTES, byte for byte, and what of them is refused. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Acknowledgement, decodeAcknowledgement, encodeAcknowledgement } from "./acknowledgement.ts";
import { decodeCredit, encodeCredit } from "./credit.ts";
import { FrameFault } from "./frame-fault.ts";
import { decodeRoutes, encodeRoutes } from "./routes.ts";
import { bytesOf, hexOf, SEED } from "./testing/frames.ts";

type Decoder = (bytes: Uint8Array, start: number, end: number) => unknown;
const whole = (decode: Decoder, hex: string) => {
  const bytes = bytesOf(`ff${hex}ff`);
  return decode(bytes, 1, bytes.length - 1);
};

const ACK = `05 00 00 00 00 00 00 00  08 07 06 05 04 03 02 01  02
  00 00  09 00 00 00 00 00 00 00
  02 02  00 00 00 00 01 00 00 00
         02 00 00 00 01 00 00 00  02 00 00 00 01 00 00 00
         04 00 00 00 01 00 00 00  ff ff ff ff ff ff 1f 00`;
const acknowledgement: Acknowledgement = {
  origin: 5n,
  epoch: 0x0102_0304_0506_0708n,
  lanes: [
    { lane: 0, upTo: 9, ranges: [] },
    {
      lane: 2,
      upTo: 4_294_967_296,
      ranges: [
        { first: 4_294_967_298, last: 4_294_967_298 },
        { first: 4_294_967_300, last: Number.MAX_SAFE_INTEGER },
      ],
    },
  ],
};
const CREDIT = `02  01 10 00 00 00 00 00 00 00 00 00 01 00 00 00 00 00
  03 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00`;
const credit = [
  { lane: 1, packets: 16, bytes: 65_536 },
  { lane: 3, packets: 0, bytes: 4_294_967_296 },
];
const ROUTES = `07 00 00 00 00 00 00 00  02 00
  2a 00 00 00 00 00 00 00  32 00 00 00  01 00
  ff ff ff ff ff ff ff ff  ff ff ff ff  ff ff`;
const routes = {
  version: 7,
  routes: [
    { host: 42n, delayUs: 50, pathLength: 1 },
    { host: 0xffff_ffff_ffff_ffffn, delayUs: 0xffff_ffff, pathLength: 0xffff },
  ],
};

describe.each<[string, string, unknown, Uint8Array, Decoder]>([
  ["ACK", ACK, acknowledgement, encodeAcknowledgement(acknowledgement), decodeAcknowledgement],
  ["CREDIT", CREDIT, credit, encodeCredit(credit), decodeCredit],
  ["ROUTES", ROUTES, routes, encodeRoutes(routes), decodeRoutes],
])("%s", (_, hex, said, encoded, decode) => {
  test("is laid out so", () => {
    expect(hexOf(encoded)).toBe(hexOf(bytesOf(hex)));
    expect(whole(decode, hex)).toEqual(said);
  });

  test("cut at any byte, or with one more, is refused", () => {
    const bytes = Uint8Array.of(...bytesOf(hex), 0);
    for (let size = 0; size <= bytes.length; size++)
      expect(decode(bytes, 0, size) instanceof FrameFault, `${size} bytes`).toBe(size !== bytes.length - 1);
  });

  test("random bytes throw nothing", () => {
    const cut = fc.tuple(fc.nat(200), fc.nat(255)).map(([at, byte]) => {
      const bent = bytesOf(hex);
      bent[at % bent.length] = byte;
      return bent;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), cut), (bytes) => {
        decode(bytes, 0, bytes.length);
      }),
      { numRuns: 1000, seed: SEED },
    );
  });
});

const lane = "01 00 0000000000000000";
test.each([
  [
    "lanes that do not ascend",
    decodeAcknowledgement,
    `${"00".repeat(16)} 02 ${lane} ${lane}`,
    "lane 1 behind 1",
  ],
  ["lane 4", decodeAcknowledgement, `${"00".repeat(16)} 01 04 00 0000000000000000`, "lane 4"],
  [
    "a range that touches what is before it",
    decodeAcknowledgement,
    `${"00".repeat(16)} 01 01 01 0300000000000000 0400000000000000 0500000000000000`,
    "range 4…5 behind 3",
  ],
  [
    "a range that ends before it begins",
    decodeAcknowledgement,
    `${"00".repeat(16)} 01 01 01 0300000000000000 0600000000000000 0500000000000000`,
    "range 6…5 behind 3",
  ],
  [
    "a number of 2^53",
    decodeAcknowledgement,
    `${"00".repeat(16)} 01 01 00 0000000000002000`,
    "a number above 2^53 − 1",
  ],
  ["a credit of 2^53", decodeCredit, "01 00 0000000000002000 0000000000000000", "an amount above 2^53 − 1"],
  ["credits of one lane twice", decodeCredit, `02 ${"01".padEnd(34, "0").repeat(2)}`, "lane 1 behind 1"],
  ["a version of 2^53", decodeRoutes, "0000000000002000 0000", "a version above 2^53 − 1"],
])("%s: refused", (_, decode, hex, text) => {
  expect(whole(decode, hex)).toMatchObject({ text: expect.stringContaining(text) });
});

test("what could not be read again is a wrong call", () => {
  const twice = [0, 1].map(() => ({ lane: 1, upTo: 0, ranges: [], packets: 0, bytes: 0 }));
  expect(() => encodeAcknowledgement({ origin: 1n, epoch: 1n, lanes: twice })).toThrow(RangeError);
  expect(() => encodeCredit(twice)).toThrow(RangeError);
  const many = Array.from({ length: 256 }, (_, i) => ({ first: 2 * i + 2, last: 2 * i + 2 }));
  const ack = { origin: 1n, epoch: 1n, lanes: [{ lane: 0, upTo: 0, ranges: many }] };
  expect(() => encodeAcknowledgement(ack)).toThrow("256 ranges; allowed 255");
  expect(() => encodeRoutes({ version: 1, routes: [{ host: 1n, delayUs: 0, pathLength: 65_536 }] })).toThrow(
    "pathLength 65536",
  );
});
