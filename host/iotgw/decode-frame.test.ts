import { describe, expect, test } from "vitest";
import { Command } from "./commands.ts";
import { decodeFrame } from "./decode-frame.ts";
import { encodeFrame, sealFrame } from "./encode-frame.ts";
import { FrameFault } from "./frame-fault.ts";
import { bare, bytesOf, decoded, fieldsOf, hexOf, MAX_FRAME, refused } from "./testing/frames.ts";
import { WireError } from "./wire-error.ts";

/** What each frame is refused for; the first is how far the good one, 49470010 00020000 00000000 00000000, was bent. */
const malformed: [what: string, hex: string, text: string][] = [
  ["nothing", "", 'frame: 0 bytes; allowed 49 47 ("IG")'],
  ["one byte", "49", 'frame: 1 bytes; allowed 49 47 ("IG")'],
  [
    "the protocol's first version, a request",
    "01 01 00 00 0c 00 00 00 01 00 00 00 05 00 00 00 00 00 00 00 0a 00 01 00",
    'frame: begins with 01 01; allowed 49 47 ("IG")',
  ],
  ["GI", "47490010 00020000 00000000 00000000", 'frame: begins with 47 49; allowed 49 47 ("IG")'],
  ["half the sign", "49480010 00020000 00000000 00000000", "begins with 49 48"],
  ["15 bytes", "49470010 00020000 00000000 000000", "frame: 15 bytes; allowed 16 and more"],
  ["headlen 15", "4947000f 00020000 00000000 00000000", "headlen: 15; headflags 00 allow 16"],
  ["headlen 0", "49470000 00020000 00000000 00000000", "headlen: 0; headflags 00 allow 16"],
  ["headlen above the flags", "49470014 00000000 00020000 00000000 00000000", "headlen: 20"],
  ["headlen below the flags", "49470110 00020000 00000000 00000000", "headlen: 16; headflags 01 allow 32"],
  ["a part that is not there", "49470418 00020000 00000000 00000000", "headlen: 24 in a frame of 16 bytes"],
  [
    "a critical part",
    "49474014 00000000 00020000 00000000 00000000",
    "headflags: 40 with a critical part; no such part is known",
  ],
  [
    "a critical part beside a skippable one",
    "4947c014 00000000 00020000 00000000 00000000",
    "headflags: c0 with a critical part",
  ],
  [
    "a skippable part that cannot be behind the known ones",
    "49478417 00000000 000000 00020000 00000000 00000000",
    "headlen: 23; headflags 84 allow 24",
  ],
  [
    "sz below the packet",
    "49470010 00020000 00000000 00000000 61",
    "sz: 0 behind a header of 16; the packet has 17",
  ],
  [
    "sz above the packet",
    "49470010 00020000 02000000 00000000 61",
    "sz: 2 behind a header of 16; the packet has 17",
  ],
  [
    "two frames",
    "49470010000200000000000000000000".repeat(2),
    "sz: 0 behind a header of 16; the packet has 32",
  ],
  ["REPLY with ASYNC", "49470010 03020000 00000000 00000000", "reqtype of DATA: 3; allowed 0, 1"],
  ["a reqtype that nobody has", "49470010 04020000 00000000 00000000", "reqtype of DATA: 4"],
  ["an error in a request", "49470010 00020007 00000000 00000000", "error of DATA: 7; allowed in replies"],
  [
    "an error in a notification",
    "49470010 02020007 00000000 00000000",
    "error of DATA: 7; allowed in replies",
  ],
  ["lane 4", "49470418 0400000000000000 00020000 00000000 00000000", "lane: 4; allowed 0…3"],
  ["delivery 2", "49470418 0002000000000000 00020000 00000000 00000000", "delivery: 2; allowed 0, 1"],
  [
    "a number of 2^53",
    "49470120 0500000000000000 0000000000002000 00020000 00000000 00000000",
    "seq of MSGID: above 2^53 − 1",
  ],
  [
    "a number of 2^64 − 1 in REF",
    "49470828 0500000000000000 ffffffffffffffff 0000000000000000 00020000 00000000 00000000",
    "seq of REF: above 2^53 − 1",
  ],
  ["a wrong CRC", "49472014 01b8bcbd 00020000 03000000 00000000 616263", "CRC: it is wrong"],
];

describe("what is no frame", () => {
  test.each(malformed)("%s is refused: %s", (_, hex, text) => {
    const fault = refused(hex);
    expect(fault.code).toBe(WireError.BAD_FRAME);
    expect(fault.text).toContain(text);
  });

  test("a frame above the maximum is TOO_BIG as soon as its header says so, header included", () => {
    const whole = "49470010 00020000 02000000 00000000 6162";
    expect(refused(whole, 17)).toEqual(new FrameFault(WireError.TOO_BIG, "frame: 18 bytes; allowed 17"));
    expect(decoded(bytesOf(whole), 18).end).toBe(18);
    expect(refused("49470010 00020000 ffffffff 00000000", 0xffff_ffff).code).toBe(WireError.TOO_BIG);
  });

  test("any byte that changes in a frame with a CRC is noticed", () => {
    const qos = { lane: 2, delivery: 0, ttlMs: 9 };
    const bytes = encodeFrame({ ...bare, qos, rqid: 3, crc: true }, Buffer.from("abc"));
    for (let at = 0; at < bytes.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const bent = Uint8Array.from(bytes);
        bent[at] ^= 1 << bit;
        expect(decodeFrame(bent, 0, bent.length, MAX_FRAME), `bit ${bit} of ${at}`).toBeInstanceOf(
          FrameFault,
        );
      }
  });

  test("an unknown command is no fault of the frame", () => {
    expect(decoded(bytesOf("49470010 00c80000 00000000 00000000")).cmd).toBe(200);
    expect(decoded(bytesOf("49470010 00000000 00000000 00000000")).cmd).toBe(Command.ILLEGAL);
  });
});

test("a skippable part is passed over, with the CRC in front of it, and its body found by headlen", () => {
  const bytes = bytesOf("49478013 aabbcc 00020000 02000000 07000000 6162");
  const view = decoded(bytes);
  expect([fieldsOf(view), hexOf(view.body)]).toEqual([{ ...bare, rqid: 7 }, "6162"]);
  const none = decoded(bytesOf("49478010 00020000 02000000 07000000 6162"));
  expect(hexOf(none.body)).toBe("6162");
  const longest = decoded(bytesOf(`494780ff ${"ee".repeat(239)} 00020000 02000000 07000000 6162`));
  expect([longest.rqid, hexOf(longest.body)]).toEqual([7, "6162"]);
  const sealed = bytesOf("4947a420 0200000009000000 00000000 aabbccdd 00020000 02000000 07000000 6162");
  sealFrame(sealed, 0, sealed.length);
  expect(fieldsOf(decoded(sealed))).toMatchObject({ qos: { lane: 2, ttlMs: 9 }, rqid: 7, crc: true });
});
