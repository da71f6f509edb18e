import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameFault } from "./frame-fault.ts";
import {
  CORE_VERSION,
  decodeBareIntroduction,
  decodeIntroduction,
  encodeBareIntroduction,
  encodeIntroduction,
  formatCoreVersion,
  type Introduction,
} from "./introduce.ts";
import { bytesOf, hexOf, SEED } from "./testing/frames.ts";

const said: Introduction = {
  hostId: 0x0102_0304_0506_0708n,
  coreVersion: CORE_VERSION,
  epoch: 0xc0ff_ee01_0203_0405n,
  caps: 0,
  maxFrame: 65_536,
  window: 32_768,
  nonce: bytesOf("101112131415161718191a1b1c1d1e1f"),
  haveEpoch: 0x9f3c_21d0_7be5_4a18n,
  have: [0, 7, 4_294_967_296, Number.MAX_SAFE_INTEGER],
  name: "küche",
  proof: undefined,
};
const head = `
  08 07 06 05 04 03 02 01  0a 00 01 00
  05 04 03 02 01 ee ff c0  00 00 00 00  00 00 01 00  00 80 00 00
  10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f
  18 4a e5 7b d0 21 3c 9f
  00 00 00 00 00 00 00 00  07 00 00 00 00 00 00 00  00 00 00 00 01 00 00 00  ff ff ff ff ff ff 1f 00`;
const name = "06 6b c3 bc 63 68 65";
const proof = "a5".repeat(32);

const decoded = (bytes: Uint8Array) => decodeIntroduction(bytes, 0, bytes.length);

describe("INTRODUCE version 0", () => {
  const body = bytesOf("05 00 00 00 00 00 00 00 0a 00 01 00");

  test("is host id and core version, 0.1:10 in the document's example", () => {
    expect(hexOf(encodeBareIntroduction({ hostId: 5n, coreVersion: CORE_VERSION }))).toBe(hexOf(body));
    expect(decodeBareIntroduction(body, 0, 12)).toEqual({ hostId: 5n, coreVersion: 0x0001_000a });
    expect(formatCoreVersion(0x0001_000a)).toBe("0.1:10");
    expect(formatCoreVersion(0xff02_fffe)).toBe("255.2:65534");
  });

  test("of any other size is refused", () => {
    const longer = Uint8Array.of(...body, 0, 0);
    for (let size = 0; size < 15; size++)
      expect(decodeBareIntroduction(longer, 0, size) instanceof FrameFault, `${size} bytes`).toBe(
        size !== 12,
      );
  });
});

describe("INTRODUCE version 1", () => {
  test.each([
    ["without a proof", `${head} ${name} 00`, said],
    ["with a proof", `${head} ${name} 20 ${proof}`, { ...said, proof: bytesOf(proof) }],
    ["without a name", `${head} 00 00`, { ...said, name: "" }],
  ])("%s is laid out in this order", (_, hex, introduction) => {
    expect(hexOf(encodeIntroduction(introduction))).toBe(hexOf(bytesOf(hex)));
    expect(decoded(bytesOf(hex))).toEqual(introduction);
  });

  test("begins as version 0 does", () => {
    expect(hexOf(encodeIntroduction(said)).startsWith(hexOf(encodeBareIntroduction(said)))).toBe(true);
  });

  test("is read from where it stands, and keeps nothing of those bytes", () => {
    // Of a Buffer, as sockets give them, slice() is a view.
    const bytes = Buffer.from(bytesOf(`ff ${head} ${name} 20 ${proof} ff`));
    const got = decodeIntroduction(bytes, 1, bytes.length - 1);
    bytes.fill(0);
    expect(got).toEqual({ ...said, proof: bytesOf(proof) });
  });

  test("cut at any byte, or with one more, is refused", () => {
    const bytes = bytesOf(`${head} ${name} 20 ${proof} 00`);
    for (let size = 0; size <= bytes.length; size++)
      expect(decodeIntroduction(bytes, 0, size) instanceof FrameFault, `${size} bytes`).toBe(
        size !== bytes.length - 1,
      );
  });

  test.each([
    ["a proof of 31 bytes", `${head} ${name} 1f ${"a5".repeat(31)}`, "a proof of 31 bytes; allowed 0 and 32"],
    ["a name that ends behind the body", `${head} ff 61 00`, "sizes allow 345"],
    ["a name that is no UTF-8", `${head} 02 c3 28 00`, "the name is no UTF-8"],
    [
      "a watermark of 2^53",
      `${head.replace("ff ff ff ff ff ff 1f 00", "00 00 00 00 00 00 20 00")} ${name} 00`,
      "a watermark above 2^53 − 1",
    ],
  ])("with %s is refused", (_, hex, text) => {
    expect(decoded(bytesOf(hex))).toMatchObject({ text: expect.stringContaining(text) });
  });

  test.each<[string, Partial<Introduction>]>([
    ["nonce of 15", { nonce: new Uint8Array(15) }],
    ["proof of 31", { proof: new Uint8Array(31) }],
    ["3 lanes", { have: [1, 2, 3] }],
    ["bytes of the name 256", { name: "n".repeat(256) }],
    ["maxFrame 4294967296", { maxFrame: 2 ** 32 }],
  ])("%s is a wrong call", (text, fields) => {
    expect(() => encodeIntroduction({ ...said, ...fields })).toThrow(text);
  });

  test("random bytes throw nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 130 }), (bytes) => {
        const got = decoded(bytes);
        if (!(got instanceof FrameFault)) expect(hexOf(encodeIntroduction(got))).toBe(hexOf(bytes));
      }),
      { numRuns: 2000, seed: SEED },
    );
  });
});
