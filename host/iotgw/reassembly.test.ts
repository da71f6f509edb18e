import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame } from "./encode-frame.ts";
import type { Frame } from "./frame.ts";
import { FrameFault } from "./frame-fault.ts";
import { Reassembly } from "./reassembly.ts";
import { bare, decoded, hexOf, SEED } from "./testing/frames.ts";
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

/** All of a frame's body in pieces of at most `size` bytes. */
function* piecesOf(frame: Frame, body: Uint8Array, size: number) {
  for (let offset = 0; offset < body.length; offset += size) {
    const frag = { offset, total: body.length };
    yield decoded(encodeFrame({ ...frame, frag }, body.subarray(offset, offset + size)));
  }
}

test("any body in pieces of any size is the same again with the last of them, and leaves nothing behind", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 60 }),
      (body, size) => {
        const reassembly = new Reassembly(body.length);
        const answers = [...piecesOf(numbered(1), body, size)].map((one) => reassembly.add(one));
        const last = answers.pop() as Uint8Array;
        expect(answers.every((answer) => answer === undefined)).toBe(true);
        expect(hexOf(last)).toBe(hexOf(body));
        expect([reassembly.bytes, reassembly.abandoned]).toEqual([0, 0]);
      },
    ),
    { numRuns: 300, seed: SEED },
  );
});

describe("reassembly", () => {
  test("goes on in each lane by itself", () => {
    const reassembly = new Reassembly(100);
    const [bulk1, bulk2] = piecesOf(numbered(1, 3), Buffer.from("bulk!"), 3);
    const [alarm1, alarm2] = piecesOf(numbered(1, 1), Buffer.from("alarm"), 4);
    expect([reassembly.add(bulk1), reassembly.add(alarm1)]).toEqual([undefined, undefined]);
    expect(reassembly.bytes).toBe(10);
    expect(textOf(reassembly.add(alarm2))).toBe("alarm");
    expect([textOf(reassembly.add(bulk2)), reassembly.bytes]).toEqual(["bulk!", 0]);
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

  test("a body above the limit is TOO_BIG before a byte is reserved, and each lane has the limit for itself", () => {
    const reassembly = new Reassembly(60);
    const inLane = (lane: number, total: number) =>
      reassembly.add(piece(1, 0, total, "a", { qos: { lane, delivery: 0, ttlMs: 1 } }));
    expect(inLane(3, 61)).toEqual(
      new FrameFault(WireError.TOO_BIG, "a body in pieces: 61 bytes; allowed 60"),
    );
    expect((inLane(3, 0xffff_ffff) as FrameFault).code).toBe(WireError.TOO_BIG);
    expect(reassembly.bytes).toBe(0);
    expect([0, 1, 2, 3].map((lane) => inLane(lane, 60))).toEqual(new Array(4).fill(undefined));
    expect(reassembly.bytes).toBe(240);
  });

  test("after a fault nothing of that body is delivered, and the next one is", () => {
    const reassembly = new Reassembly(100);
    reassembly.add(piece(1, 0, 6, "ab"));
    expect(reassembly.add(piece(1, 3, 6, "de"))).toBeInstanceOf(FrameFault);
    reassembly.add(piece(2, 0, 2, "x"));
    expect(textOf(reassembly.add(piece(2, 1, 2, "y")))).toBe("xy");
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
