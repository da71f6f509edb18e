import { describe, expect, test } from "vitest";
import { decodeCancel, decodeNak, encodeCancel, encodeNak } from "./ending.ts";
import { FrameFault } from "./frame-fault.ts";
import { decodeProof } from "./proof-body.ts";
import { bytesOf, hexOf } from "./testing/frames.ts";

const whole = <T>(decode: (bytes: Uint8Array, start: number, end: number) => T, hex: string) =>
  decode(bytesOf(`ff${hex}ff`), 1, bytesOf(hex).length + 1);

describe("CANCEL", () => {
  test("is the lane of what is withdrawn", () => {
    expect(hexOf(encodeCancel(2))).toBe("02");
    expect(whole(decodeCancel, "02")).toBe(2);
    expect(() => encodeCancel(4)).toThrow(RangeError);
  });

  test.each(["", "04", "0200"])("of %j is refused", (hex) => {
    expect(whole(decodeCancel, hex)).toBeInstanceOf(FrameFault);
  });
});

describe("NAK", () => {
  test.each([
    ["02 07", { lane: 2, code: 7, text: "" }],
    ["03 08 c2 a7 20 67 77 32", { lane: 3, code: 8, text: "§ gw2" }],
  ])("%s is lane, code and text", (hex, refusal) => {
    expect(hexOf(encodeNak(refusal))).toBe(hexOf(bytesOf(hex)));
    expect(whole(decodeNak, hex)).toEqual(refusal);
  });

  test.each(["", "02", "04 07", "02 00", "02 07 c3 28"])("of %j is refused", (hex) => {
    expect(whole(decodeNak, hex)).toBeInstanceOf(FrameFault);
  });

  test("of lane 4 or code 0 is a wrong call", () => {
    expect(() => encodeNak({ lane: 4, code: 7, text: "" })).toThrow(RangeError);
    expect(() => encodeNak({ lane: 0, code: 0, text: "" })).toThrow(RangeError);
  });
});

test("PROVE is 32 bytes", () => {
  const proof = "a5".repeat(32);
  expect(whole(decodeProof, proof)).toEqual(bytesOf(proof));
  for (const size of [0, 31, 33])
    expect(decodeProof(new Uint8Array(40), 0, size), `${size}`).toBeInstanceOf(FrameFault);
});
