import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame } from "./encode-frame.ts";
import type { Frame } from "./frame.ts";
import { FrameFault } from "./frame-fault.ts";
import { patchTtl } from "./patch-frame.ts";
import { encodePiece } from "./piece.ts";
import { Reassembly } from "./reassembly.ts";
import { bare, bytesOf, decoded, fieldsOf, hexOf, SEED } from "./testing/frames.ts";
import { WireError } from "./wire-error.ts";

const numbered = (seq: number, lane = 3): Frame => ({
  ...bare,
  msgId: { origin: 5n, seq },
  qos: { lane, delivery: 0, ttlMs: 10_000 },
});

/** A frame with FRAG, as it was read. */
const piece = (seq: number, offset: number, total: number, text: string, more: Partial<Frame> = {}) =>
  decoded(encodeFrame({ ...numbered(seq), ...more, frag: { offset, total } }, Buffer.from(text)));

const textOf = (body: unknown) => Buffer.from(body as Uint8Array).toString();

describe("pieces", () => {
  test("are the frame's header with FRAG in its place, and a range of its body", () => {
    const ref = { origin: 9n, seq: 1, epoch: 2n };
    const whole = encodeFrame({ ...numbered(7), ref, crc: true, rqid: 3 }, Buffer.from("abcdefgh"));
    const second = decoded(encodePiece(whole, 3, 3));
    expect(fieldsOf(second)).toEqual({
      ...numbered(7),
      ref,
      crc: true,
      rqid: 3,
      frag: { offset: 3, total: 8 },
    });
    expect(textOf(second.body)).toBe("def");
    expect(textOf(decoded(encodePiece(whole, 6, 3)).body)).toBe("gh");
  });

  test("keep a part that is not known here", () => {
    const whole = bytesOf("4947841c 0200000009000000 aabbccdd 00020000 03000000 07000000 616263");
    expect(hexOf(encodePiece(whole, 1, 2))).toBe(
      hexOf(bytesOf("49479424 0200000009000000 0100000003000000 aabbccdd 00020000 02000000 07000000 6263")),
    );
  });

  test("of pieces, of no bytes, or under a header that is full are wrong calls", () => {
    const whole = encodeFrame(numbered(7), Buffer.from("abc"));
    expect(() => encodePiece(encodePiece(whole, 0, 2), 0, 1)).toThrow(TypeError);
    for (const [offset, size] of [
      [3, 1],
      [-1, 1],
      [0, 0],
      [Number.NaN, 1],
    ])
      expect(() => encodePiece(whole, offset, size), `${size} from ${offset}`).toThrow(RangeError);
    const full = bytesOf(`494780f8 ${"ee".repeat(232)} 00020000 01000000 00000000 61`);
    expect(() => encodePiece(full, 0, 1)).toThrow("a header of 248; allowed 247");
  });

  test("any frame in pieces of any size is the same body again, and leaves nothing behind", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 60 }),
        (body, size) => {
          const whole = encodeFrame(numbered(1), body);
          const reassembly = new Reassembly(body.length);
          let got: unknown;
          for (let offset = 0; offset < body.length; offset += size) {
            expect(got).toBe(undefined);
            got = reassembly.add(decoded(encodePiece(whole, offset, size)));
          }
          expect(hexOf(got as Uint8Array)).toBe(hexOf(body));
          expect([reassembly.bytes, reassembly.abandoned]).toEqual([0, 0]);
        },
      ),
      { numRuns: 300, seed: SEED },
    );
  });
});

describe("reassembly", () => {
  test("goes on in each lane by itself, and the last header counts", () => {
    const reassembly = new Reassembly(100);
    const bulk = encodeFrame(numbered(1, 3), Buffer.from("bulk!"));
    const alarm = encodeFrame(numbered(1, 1), Buffer.from("alarm"));
    expect(reassembly.add(decoded(encodePiece(bulk, 0, 3)))).toBe(undefined);
    expect(reassembly.add(decoded(encodePiece(alarm, 0, 4)))).toBe(undefined);
    expect(reassembly.bytes).toBe(10);
    expect(textOf(reassembly.add(decoded(encodePiece(alarm, 4, 4))))).toBe("alarm");
    patchTtl(bulk, 9);
    const last = decoded(encodePiece(bulk, 3, 3));
    expect([textOf(reassembly.add(last)), last.qos?.ttlMs, reassembly.bytes]).toEqual(["bulk!", 9, 0]);
  });

  test("keeps nothing of the bytes it was given", () => {
    const reassembly = new Reassembly(100);
    const first = piece(1, 0, 4, "ab");
    reassembly.add(first);
    first.body.fill(0);
    expect(textOf(reassembly.add(piece(1, 2, 4, "cd")))).toBe("abcd");
  });

  test("a body that is withdrawn between two pieces gives its room to the next, and is counted", () => {
    const reassembly = new Reassembly(4);
    reassembly.add(piece(1, 0, 4, "ab"));
    expect(reassembly.add(piece(2, 0, 4, "wx"))).toBe(undefined);
    expect([reassembly.bytes, reassembly.abandoned]).toEqual([4, 1]);
    expect(reassembly.add(piece(1, 2, 4, "cd"))).toMatchObject({
      text: "a piece: from 2 on; nothing of this body is there",
    });
  });

  test("a body above the limit, alone or with others, is TOO_BIG before a byte is reserved", () => {
    const reassembly = new Reassembly(100);
    reassembly.add(piece(1, 0, 60, "a", { qos: { lane: 2, delivery: 0, ttlMs: 1 } }));
    const fault = reassembly.add(piece(1, 0, 41, "a")) as FrameFault;
    expect(fault).toEqual(new FrameFault(WireError.TOO_BIG, "a body in pieces: 41 bytes; allowed 40"));
    expect((reassembly.add(piece(2, 0, 0xffff_ffff, "a")) as FrameFault).code).toBe(WireError.TOO_BIG);
    expect(reassembly.bytes).toBe(60);
    expect(reassembly.add(piece(3, 0, 40, "a"))).toBe(undefined);
  });

  const begun = () => {
    const reassembly = new Reassembly(100);
    reassembly.add(piece(1, 0, 6, "ab"));
    return reassembly;
  };
  test.each([
    ["a piece out of order", piece(1, 4, 6, "ef"), "from 4 on; 2 bytes of this body are there"],
    ["a piece that overlaps", piece(1, 1, 6, "bc"), "from 1 on; 2 bytes of this body are there"],
    ["the first piece again", piece(1, 0, 6, "ab"), "from 0 on; 2 bytes of this body are there"],
    ["a piece beyond the total", piece(1, 2, 6, "cdefg"), "5 bytes from 2 on; the whole has 6"],
    ["a piece of nothing", piece(1, 2, 6, ""), "0 bytes from 2 on; the whole has 6"],
    ["a total of nothing", piece(2, 0, 0, ""), "0 bytes from 0 on; the whole has 0"],
    ["another total", piece(1, 2, 7, "cd"), "of 7 bytes in all; the first one said 6"],
    ["another number", piece(2, 2, 6, "cd"), "from 2 on; nothing of this body is there"],
    [
      "another origin",
      piece(1, 2, 6, "cd", { msgId: { origin: 6n, seq: 1 } }),
      "nothing of this body is there",
    ],
    [
      "another lane",
      piece(1, 2, 6, "cd", { qos: { lane: 2, delivery: 0, ttlMs: 1 } }),
      "nothing of this body is there",
    ],
    ["another command", piece(1, 2, 6, "cd", { cmd: 16 }), "another command than that of the first"],
    ["a request for a notification", piece(1, 2, 6, "cd", { reqtype: 2 }), "another command"],
    ["no number", piece(1, 2, 6, "cd", { msgId: undefined }), "without FRAG, MSGID or QOS"],
    ["no lane", piece(1, 2, 6, "cd", { qos: undefined }), "without FRAG, MSGID or QOS"],
    ["no FRAG", decoded(encodeFrame(numbered(1), Buffer.from("cd"))), "without FRAG, MSGID or QOS"],
  ])("%s is refused", (_, view, text) => {
    const fault = begun().add(view) as FrameFault;
    expect([fault.code, fault.text]).toEqual([WireError.BAD_FRAME, expect.stringContaining(text)]);
  });
});
