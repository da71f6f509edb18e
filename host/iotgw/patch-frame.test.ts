import { describe, expect, test } from "vitest";
import { decodeFrame, type FrameView } from "./decode-frame.ts";
import { encodeFrame, encodeInto, sealFrame } from "./encode-frame.ts";
import { Delivery, TTL_NONE } from "./frame.ts";
import { patchHops, patchRqid, patchTtl } from "./patch-frame.ts";
import { bare, bytesOf, decoded, fieldsOf, hexOf, MAX_FRAME } from "./testing/frames.ts";

describe("patching a frame that is encoded", () => {
  const route = { src: 5n, dst: 9n, hopsLeft: 4, hopsDone: 0, flags: 0 };
  const qos = { lane: 2, delivery: Delivery.CUSTODY, ttlMs: 10_000 };
  const msgId = { origin: 5n, seq: 77 };

  test.each([0, 3])("changes rqid, the time that is left and the hops, and nothing else; at %i", (at) => {
    const frame = { ...bare, msgId, route, qos };
    const bytes = new Uint8Array(100);
    const end = encodeInto(bytes, at, frame, Buffer.from("abc"), 0, 3);
    patchRqid(bytes, 0xffff_fffe, at);
    patchTtl(bytes, 9_876.9, at);
    patchHops(bytes, 3, 1, at);
    const view = decodeFrame(bytes, at, end, MAX_FRAME) as FrameView;
    expect(fieldsOf(view)).toEqual({
      ...frame,
      rqid: 0xffff_fffe,
      qos: { ...qos, ttlMs: 9876 },
      route: { ...route, hopsLeft: 3, hopsDone: 1 },
    });
    expect(hexOf(view.body)).toBe("616263");
  });

  test("keeps a part that is not known here", () => {
    const bytes = bytesOf("4947841c 0200000009000000 aabbccdd 00020000 02000000 07000000 6162");
    patchRqid(bytes, 8);
    patchTtl(bytes, 5);
    expect(hexOf(bytes)).toBe("4947841c0200000005000000aabbccdd0002000002000000080000006162");
  });

  test.each([
    [Number.POSITIVE_INFINITY, TTL_NONE],
    [-5, 0],
    [0.9, 0],
    [0xffff_ffff, TTL_NONE - 1], // a number of ms is never taken for "no end"
    [1e12, TTL_NONE - 1],
  ])("%f ms travel as %i", (ms, ttlMs) => {
    const bytes = encodeFrame({ ...bare, qos }, new Uint8Array(0));
    patchTtl(bytes, ms);
    expect(decoded(bytes).qos?.ttlMs).toBe(ttlMs);
  });

  test("with a CRC needs it sealed anew", () => {
    const bytes = encodeFrame({ ...bare, crc: true }, Buffer.from("abc"));
    patchRqid(bytes, 7);
    expect(decodeFrame(bytes, 0, bytes.length, MAX_FRAME)).toMatchObject({ text: "CRC: it is wrong" });
    sealFrame(bytes, 0, bytes.length);
    expect(decoded(bytes).rqid).toBe(7);
  });

  test("is a wrong call where there is no such part", () => {
    const bytes = encodeFrame(bare, new Uint8Array(0));
    expect(() => patchTtl(bytes, 5)).toThrow(TypeError);
    expect(() => patchHops(bytes, 5, 5)).toThrow(TypeError);
    expect(() => patchRqid(bytes, 2 ** 32)).toThrow(RangeError);
  });

  test("a hop limit of 256 is refused, never taken for 0 (iotgw §2)", () => {
    const bytes = encodeFrame({ ...bare, route }, new Uint8Array(0));
    expect(() => patchHops(bytes, 256, 0)).toThrow("hopsLeft 256; allowed 0…255");
    expect(() => encodeFrame({ ...bare, route: { ...route, hopsLeft: 256 } }, bytes)).toThrow("hopsLeft 256");
  });
});
