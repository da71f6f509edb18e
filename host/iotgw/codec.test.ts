/** P-codec of iotgw §12: any frame, and any bytes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Reqtype } from "./commands.ts";
import { decodeFrame, type FrameView } from "./decode-frame.ts";
import { encodeFrame, encodeInto, sealFrame } from "./encode-frame.ts";
import { type Frame, frameSize } from "./frame.ts";
import { FrameFault } from "./frame-fault.ts";
import { fieldsOf, hexOf, MAX_FRAME, SEED } from "./testing/frames.ts";

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const u32 = fc.oneof(fc.nat(), fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff));
const seq = fc.maxSafeNat();
const u8 = fc.nat(255);
const orNone = <T>(part: fc.Arbitrary<T>) => fc.option(part, { nil: undefined });
const anyFrame: fc.Arbitrary<Frame> = fc
  .record({
    reqtype: fc.nat(2),
    cmd: u8,
    cmdVersion: u8,
    error: u8,
    rqid: u32,
    msgId: orNone(fc.record({ origin: u64, seq })),
    route: orNone(fc.record({ src: u64, dst: u64, hopsLeft: u8, hopsDone: u8, flags: fc.nat(0xffff) })),
    qos: orNone(fc.record({ lane: fc.nat(3), delivery: fc.nat(1), ttlMs: u32 })),
    ref: orNone(fc.record({ origin: u64, seq, epoch: u64 })),
    frag: orNone(fc.record({ offset: u32, total: u32 })),
    crc: fc.boolean(),
  })
  .map((frame) => ({ ...frame, error: frame.reqtype === Reqtype.REPLY ? frame.error : 0 }));
const runs = (numRuns: number) => ({ numRuns, seed: SEED });

describe("P-codec (iotgw §12)", () => {
  test("what is decoded from a frame's bytes is the frame, wherever it stands, and its size was foretold", () => {
    fc.assert(
      fc.property(anyFrame, fc.uint8Array({ maxLength: 60 }), fc.nat(5), (frame, body, at) => {
        const bytes = new Uint8Array(at + 200).fill(0xee);
        const end = encodeInto(bytes, at, frame, body, 0, body.length);
        expect(end - at).toBe(frameSize(frame, body.length));
        const view = decodeFrame(bytes, at, end, MAX_FRAME) as FrameView;
        expect(fieldsOf(view)).toEqual(frame);
        expect(hexOf(view.body)).toBe(hexOf(body));
        expect(bytes.subarray(0, at).every((byte) => byte === 0xee)).toBe(true);
        expect(bytes.subarray(end).every((byte) => byte === 0xee)).toBe(true);
      }),
      runs(3000),
    );
  });

  test("a frame cut at any byte, or with one more, is refused", () => {
    fc.assert(
      fc.property(anyFrame, fc.uint8Array({ maxLength: 20 }), (frame, body) => {
        const bytes = encodeFrame(frame, body);
        for (let cut = 0; cut < bytes.length; cut++)
          expect(decodeFrame(bytes, 0, cut, MAX_FRAME)).toBeInstanceOf(FrameFault);
        const more = Uint8Array.of(...bytes, 0);
        expect(decodeFrame(more, 0, more.length, MAX_FRAME)).toBeInstanceOf(FrameFault);
      }),
      runs(300),
    );
  });

  test("random bytes, behind a sign or not, throw nothing, read nothing beyond their end, and mean what they say", () => {
    const head = fc.tuple(u8, u8).map(([flags, headlen]) => [0x49, 0x47, flags, headlen]);
    const noise = fc.uint8Array({ maxLength: 140 });
    const signed = fc.tuple(head, noise).map(([four, rest]) => Uint8Array.of(...four, ...rest));
    fc.assert(
      fc.property(fc.oneof(noise, signed), (bytes) => {
        const seen = new Set<string>();
        const watched = watch(bytes, seen);
        const got = decodeFrame(watched, 0, bytes.length, MAX_FRAME);
        expect([...seen].filter((at) => Number(at) >= bytes.length || Number(at) < 0)).toEqual([]);
        if (got instanceof FrameFault) expect(got.text).not.toBe("");
        else expect(got.bodyStart <= got.end && got.end === bytes.length).toBe(true);
      }),
      runs(5000),
    );
  });

  test("every value of headflags is either refused or read by what it says", () => {
    for (let flags = 0; flags < 256; flags++)
      for (const more of [0, 1, 40]) {
        const known = [16, 20, 8, 24, 8, 4].filter((_, bit) => flags & (1 << bit));
        const headlen = 16 + known.reduce((sum, size) => sum + size, 0) + more;
        const bytes = new Uint8Array(headlen + 2);
        bytes.set([0x49, 0x47, flags, headlen]);
        bytes.set([0, 2, 0, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0x61, 0x62], headlen - 12);
        sealFrame(bytes, 0, bytes.length);
        const got = decodeFrame(bytes, 0, bytes.length, MAX_FRAME);
        const isTaken = (flags & 64) === 0 && (more === 0 || (flags & 128) !== 0);
        expect(got instanceof FrameFault, `headflags ${flags}, ${more} bytes more`).toBe(!isTaken);
        if (got instanceof FrameFault) continue;
        const { msgId, route, qos, ref, frag, crc } = got;
        const told = [msgId, route, qos, ref, frag].map((part) => part !== undefined);
        expect([...told, crc]).toEqual([1, 2, 4, 8, 16, 32].map((bit) => (flags & bit) !== 0));
        expect([got.rqid, hexOf(got.body)]).toEqual([9, "6162"]);
      }
  });
});

/** The bytes, and which places of them were asked for. */
function watch(bytes: Uint8Array, seen: Set<string>): Uint8Array {
  return new Proxy(bytes, {
    get(target, key) {
      if (typeof key === "string" && /^-?\d+$/.test(key)) seen.add(key);
      return Reflect.get(target, key, target);
    },
  });
}
