import { describe, expect, test } from "vitest";
import { Command, Reqtype } from "./commands.ts";
import { decodeFrame, FrameView } from "./decode-frame.ts";
import { encodeFrame, encodeInto } from "./encode-frame.ts";
import { Delivery, type Frame, MAX_HEAD_BYTES } from "./frame.ts";
import { bare, bytesOf, decoded, fieldsOf, hexOf, MAX_FRAME } from "./testing/frames.ts";

/** Each part alone as iotgw §3 lays it out, then the fields it stands for. */
const parts: Record<string, [flag: string, headlen: string, hex: string, fields: Partial<Frame>]> = {
  MSGID: [
    "01",
    "20",
    "05 00 00 00 00 00 00 00 07 00 00 00 01 00 00 00",
    { msgId: { origin: 5n, seq: 4_294_967_303 } },
  ],
  ROUTE: [
    "02",
    "24",
    "05 00 00 00 00 00 00 00  ff ff ff ff ff ff ff ff  ff 02 34 12",
    {
      route: { src: 5n, dst: 0xffff_ffff_ffff_ffffn, hopsLeft: 255, hopsDone: 2, flags: 0x1234 },
    },
  ],
  QOS: [
    "04",
    "18",
    "03 01 00 00 10 27 00 00",
    { qos: { lane: 3, delivery: Delivery.DIRECT, ttlMs: 10_000 } },
  ],
  REF: [
    "08",
    "28",
    "01 00 00 00 00 00 20 00  ff ff ff ff ff ff 1f 00  08 07 06 05 04 03 02 01",
    {
      ref: { origin: 9_007_199_254_740_993n, seq: Number.MAX_SAFE_INTEGER, epoch: 0x0102030405060708n },
    },
  ],
  FRAG: ["10", "18", "00 10 00 00 00 00 01 00", { frag: { offset: 4096, total: 65_536 } }],
};

describe("a frame", () => {
  test.each(Object.entries(parts))("with %s alone is laid out as iotgw §3 has it", (_, part) => {
    const [flag, headlen, hex, fields] = part;
    const all = bytesOf(`49 47 ${flag} ${headlen} ${hex} 00 02 00 00 03 00 00 00 00 00 00 00 61 62 63`);
    expect(hexOf(encodeFrame({ ...bare, ...fields }, Buffer.from("abc")))).toBe(hexOf(all));
    const view = decoded(all);
    expect(fieldsOf(view)).toEqual({ ...bare, ...fields });
    expect(hexOf(view.body)).toBe("616263");
  });

  test("with every part has a header of 96 bytes, the parts in the order of their bits", () => {
    const frame: Frame = { ...bare, reqtype: Reqtype.REPLY, error: 7, rqid: 0x01020304, crc: true };
    for (const [, , , fields] of Object.values(parts)) Object.assign(frame, fields);
    const inOrder = Object.values(parts).map(([, , hex]) => hex);
    const before = bytesOf(`49 47 3f 60 ${inOrder.join("")}`);
    const after = bytesOf("01 02 00 07 01 00 00 00 04 03 02 01 ff");
    const bytes = encodeFrame(frame, Uint8Array.of(0xff));
    expect(bytes.length).toBe(MAX_HEAD_BYTES + 1);
    expect(hexOf(bytes.subarray(0, before.length))).toBe(hexOf(before));
    expect(hexOf(bytes.subarray(before.length + 4))).toBe(hexOf(after));
    expect(fieldsOf(decoded(bytes))).toEqual(frame);
  });

  test("with CRC carries the CRC-32 of all its other bytes", () => {
    // zlib.crc32 of 49 47 20 14 00 02 00 00 03 00 00 00 00 00 00 00 61 62 63
    const all = "49472014 01b8bcbc 00020000 03000000 00000000 616263".replaceAll(" ", "");
    expect(hexOf(encodeFrame({ ...bare, crc: true }, Buffer.from("abc")))).toBe(all);
    expect(fieldsOf(decoded(bytesOf(all)))).toEqual({ ...bare, crc: true });
  });

  test("is read from where it stands, and its body is a range of those bytes", () => {
    const around = bytesOf("ff ff 49470010 00020000 02000000 01000000 6162 ff");
    const view = decodeFrame(around, 2, 20, MAX_FRAME) as FrameView;
    expect([view.start, view.bodyStart, view.end]).toEqual([2, 18, 20]);
    expect(view.body.buffer).toBe(around.buffer);
  });

  test("is written where it is told, also over the bytes its body stands in", () => {
    const bytes = new Uint8Array(40);
    bytes.set(Buffer.from("abcdefgh"), 4);
    expect(encodeInto(bytes, 2, bare, bytes, 4, 12)).toBe(26);
    expect(hexOf(bytes.subarray(0, 28))).toBe(
      "000049470010000200000800000000000000 6162636465666768 0000".replaceAll(" ", ""),
    );
    expect(() => encodeInto(bytes, 23, bare, bytes, 0, 2)).toThrow("18 bytes; there is room for 17");
  });

  test("read into a view that was used leaves nothing of the frame before", () => {
    const frame = { ...bare, msgId: { origin: 5n, seq: 1 }, qos: { lane: 2, delivery: 0, ttlMs: 1 } };
    const view = new FrameView();
    const first = encodeFrame(frame, new Uint8Array(3));
    decodeFrame(first, 0, first.length, MAX_FRAME, view);
    const { msgId } = view;
    const second = encodeFrame(bare, new Uint8Array(0));
    expect(decodeFrame(second, 0, second.length, MAX_FRAME, view)).toBe(view);
    expect(fieldsOf(view)).toEqual(bare);
    decodeFrame(first, 0, first.length, MAX_FRAME, view);
    expect(view.msgId).toBe(msgId);
  });
});

describe("INTRODUCE version 0, the golden vectors of iotgw §3", () => {
  test.each([
    [
      "request",
      "49 47 00 10 00 01 00 00 0C 00 00 00 01 00 00 00 05 00 00 00 00 00 00 00 0A 00 01 00",
      { reqtype: 0, error: 0 },
    ],
    [
      "ok",
      "49 47 00 10 01 01 00 00 0C 00 00 00 01 00 00 00 09 00 00 00 00 00 00 00 0A 00 01 00",
      { reqtype: 1, error: 0 },
    ],
    [
      "deny, the host is unknown",
      "49 47 00 10 01 01 00 20 0C 00 00 00 01 00 00 00 09 00 00 00 00 00 00 00 0A 00 01 00",
      { reqtype: 1, error: 32 },
    ],
    [
      "deny, another host than before",
      "49 47 00 10 01 01 00 21 0C 00 00 00 01 00 00 00 09 00 00 00 00 00 00 00 0A 00 01 00",
      { reqtype: 1, error: 33 },
    ],
  ])("%s", (_, hex, fields) => {
    const bytes = bytesOf(hex);
    expect(bytes.length).toBe(28);
    const frame = { ...bare, cmd: Command.INTRODUCE, rqid: 1, ...fields };
    const view = decoded(bytes);
    expect(fieldsOf(view)).toEqual(frame);
    expect(hexOf(view.body)).toBe(hexOf(bytes.subarray(16)));
    expect(hexOf(encodeFrame(frame, bytes.subarray(16)))).toBe(hexOf(bytes));
  });
});

test.each<[string, Partial<Frame>]>([
  ["reqtype 3", { reqtype: 3 }],
  ["cmd 256", { cmd: 256 }],
  ["cmd 1.5", { cmd: 1.5 }],
  ["error 7", { error: 7 }],
  ["rqid -1", { rqid: -1 }],
  ["u64: -1", { msgId: { origin: -1n, seq: 1 } }],
  ["u64: 18446744073709551616", { msgId: { origin: 2n ** 64n, seq: 1 } }],
  ["number: 9007199254740992", { msgId: { origin: 1n, seq: 2 ** 53 } }],
  ["lane 4", { qos: { lane: 4, delivery: 0, ttlMs: 0 } }],
  ["delivery 2", { qos: { lane: 0, delivery: 2 as Delivery, ttlMs: 0 } }],
  ["ttlMs 4294967296", { qos: { lane: 0, delivery: 0, ttlMs: 2 ** 32 } }],
  ["ttlMs NaN", { qos: { lane: 0, delivery: 0, ttlMs: Number.NaN } }],
])("%s is no field of a frame: a wrong call", (text, fields) => {
  expect(() => encodeFrame({ ...bare, ...fields }, new Uint8Array(0))).toThrow(RangeError);
  expect(() => encodeFrame({ ...bare, ...fields }, new Uint8Array(0))).toThrow(text);
});
