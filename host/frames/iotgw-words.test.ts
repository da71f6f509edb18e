import { describe, expect, test } from "vitest";
import { parseHex } from "../cli/arguments/hex.ts";
import { type DecodeOptions, decode } from "../cli/decode.ts";
import { runVerb } from "../cli/testing/run-verb.ts";
import { encodeAcknowledgement } from "../iotgw/acknowledgement.ts";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { encodeCredit } from "../iotgw/credit.ts";
import { encodeFrame } from "../iotgw/encode-frame.ts";
import { encodeCancel, encodeNak } from "../iotgw/ending.ts";
import { type Frame, TTL_NONE } from "../iotgw/frame.ts";
import { CORE_VERSION, encodeIntroduction } from "../iotgw/introduce.ts";
import { encodeNumbered } from "../iotgw/numbered.ts";
import { encodeRoutes } from "../iotgw/routes.ts";

const bare: Frame = {
  reqtype: Reqtype.ASYNC,
  cmd: Command.DATA,
  cmdVersion: 0,
  error: 0,
  rqid: 0,
  crc: false,
};
const numbers = { msgId: { origin: 5n, seq: 77 }, qos: { lane: 0, delivery: 0, ttlMs: TTL_NONE } };

const told = (bytes: Uint8Array, options?: DecodeOptions) =>
  decode(bytes, options).findings.map(({ start, end, meaning, isUnderstood }) =>
    isUnderstood ? [start, end, meaning] : [start, end, "??", meaning],
  );
const bodyOf = (bytes: Uint8Array) => told(bytes).at(-1)?.[2];

const GOLDEN = "49 47 00 10 00 01 00 00 0C 00 00 00 01 00 00 00 05 00 00 00 00 00 00 00 0A 00 01 00";

test("the golden request of iotgw §3 is told piece by piece, recognised by its sign", async () => {
  expect((await runVerb(["decode", GOLDEN])).out).toEqual([
    "    0  49 47 00 10                            iotgw frame, header of 16 bytes  (iotgw §3)",
    "    4  00 01 00 00 0c 00 00 00 01 00 00 00    INTRODUCE request, version 0, rqid 1  (iotgw §3)",
    "   16  05 00 00 00 00 00 00 00 0a 00 01 00    body: host 5, core version 0.1:10  (iotgw §4)",
  ]);
});

test("a frame with every part", () => {
  const frame: Frame = {
    ...bare,
    ...{ reqtype: Reqtype.REPLY, error: 8, rqid: 9, crc: true },
    msgId: { origin: 5n, seq: 77 },
    route: { src: 5n, dst: 18_446_744_073_709_551_615n, hopsLeft: 3, hopsDone: 1, flags: 0 },
    qos: { lane: 2, delivery: 1, ttlMs: 9000 },
    ref: { origin: 9n, seq: 3, epoch: 255n },
    frag: { offset: 4096, total: 5000 },
  };
  expect(told(encodeFrame(frame, new Uint8Array(904)))).toEqual([
    [0, 4, "iotgw frame, header of 96 bytes"],
    [4, 20, "MSGID: number 77 of host 5"],
    [20, 40, "ROUTE: from host 5 to 18446744073709551615, hops: 1 done, 3 left"],
    [40, 48, "QOS: lane 2, direct, 9000 ms left"],
    [48, 72, "REF: number 3 of host 9, epoch 00000000000000ff"],
    [72, 80, "FRAG: from byte 4096 of 5000 on"],
    [80, 84, "CRC: right"],
    [84, 96, "DATA reply, version 0, rqid 9, error 8 NO_ROUTE"],
    [96, 1000, "body: a piece of 904 bytes"],
  ]);
});

test("a part that may be skipped is said to be unknown", () => {
  expect(told(parseHex(["49478017 aabbccddeeff99 02020000 00000000 00000000"]))).toEqual([
    [0, 4, "iotgw frame, header of 23 bytes"],
    [4, 11, "7 bytes of a part that is not known, and may be skipped"],
    [11, 23, "DATA notification, version 0, rqid 0"],
  ]);
});

describe("bodies", () => {
  const numbered = (cmd: Command, content: Uint8Array) =>
    bodyOf(encodeNumbered({ ...bare, ...numbers, cmd }, 0xabcn, content));
  const plain = (cmd: Command, body: Uint8Array, more: Partial<Frame> = {}) =>
    bodyOf(encodeFrame({ ...bare, ...more, cmd }, body));
  const epoch = "body: epoch 0000000000000abc, ";

  test("of INTRODUCE version 1, with and without what was received before", () => {
    const said = {
      ...{ hostId: 42n, coreVersion: CORE_VERSION, epoch: 10n, caps: 0, maxFrame: 65_536, window: 32_768 },
      ...{ nonce: new Uint8Array(16), haveEpoch: 0n, have: [0, 0, 0, 0], name: "g\u001bw", proof: undefined },
    };
    const more = { haveEpoch: 11n, have: [1, 2, 3, 4], proof: new Uint8Array(32) };
    const start = 'body: host 42, core version 0.1:10, name "g\\u001bw", epoch 000000000000000a';
    expect(plain(Command.INTRODUCE, encodeIntroduction(said), { cmdVersion: 1 })).toBe(
      `${start}, frames up to 65536, window 32768, no proof`,
    );
    expect(plain(Command.INTRODUCE, encodeIntroduction({ ...said, ...more }), { cmdVersion: 1 })).toBe(
      `${start}, frames up to 65536, window 32768, has lanes up to 1, 2, 3, 4 of epoch 000000000000000b, with a proof`,
    );
  });

  test("of every other command", () => {
    expect(numbered(Command.DATA, Buffer.from('{"device":"sim-1"}'))).toBe(`${epoch}{"device":"sim-1"}`);
    expect(numbered(Command.EVENT, Buffer.from([1, 2]))).toBe(`${epoch}2 bytes`);
    expect(numbered(Command.VOID, new Uint8Array(0))).toBe(`${epoch}no content`);
    expect(numbered(Command.CANCEL, encodeCancel(2))).toBe(`${epoch}the number is of lane 2`);
    const nak = encodeNak({ lane: 2, code: 8, text: "to\u0007 43" });
    expect(numbered(Command.NAK, nak)).toBe(`${epoch}the number is of lane 2, 8 NO_ROUTE: to\\u0007 43`);
    expect(plain(Command.PROVE, new Uint8Array(32))).toBe("body: a proof of 32 bytes");
    const lanes = [{ lane: 2, upTo: 9, ranges: [{ first: 11, last: 12 }] }];
    expect(plain(Command.ACK, encodeAcknowledgement({ origin: 5n, epoch: 1n, lanes }))).toBe(
      "body: of host 5, epoch 0000000000000001; lane 2 up to 9, 11…12",
    );
    expect(plain(Command.CREDIT, encodeCredit([{ lane: 1, packets: 16, bytes: 65_536 }]))).toBe(
      "body: in all lane 1 16 packets, 65536 bytes",
    );
    const routes = [{ host: 43n, delayUs: 50, pathLength: 2 }];
    expect(plain(Command.ROUTES, encodeRoutes({ version: 7, routes }))).toBe(
      "body: version 7; host 43 in 50 µs over 2 hops",
    );
  });

  test("that are malformed say so; the frame around them is understood", () => {
    expect(plain(Command.PROVE, new Uint8Array(31))).toBe("body: malformed: PROVE: 31 bytes; allowed 32");
    expect(plain(Command.DATA, new Uint8Array(7), numbers)).toContain("malformed: numbered DATA");
  });
});

test("what is no frame is told why, with --from iotgw also without its sign", async () => {
  const whole = parseHex([GOLDEN]);
  expect(told(whole.subarray(0, 27))).toEqual([
    [0, 27, "??", "no frame of iotgw: sz: 12 behind a header of 16; the packet has 27 bytes"],
  ]);
  expect(told(whole.subarray(4), { from: "iotgw" })).toEqual([
    [0, 24, "??", 'no frame of iotgw: frame: begins with 00 01; allowed 49 47 ("IG")'],
  ]);
  expect((await runVerb(["decode", "--from", "iotgw", "01"])).code).toBe(7);
});

test("a packet of a session that holds a frame is told in one line", () => {
  const frame = encodeNumbered({ ...bare, ...numbers }, 1n, Buffer.from('{"a":1}'));
  const { findings } = decode(Buffer.concat([Uint8Array.of(frame.length), frame]), { open: true });
  expect(findings.map(({ meaning }) => meaning)).toEqual([
    "data packet of 55 bytes: iotgw DATA notification, version 0, rqid 0; MSGID: number 77 of host 5; " +
      'QOS: lane 0, custody, no end; epoch 0000000000000001, {"a":1}',
  ]);
  const cut = decode(parseHex(["03 49 47 00"]), { open: true });
  expect(cut.findings[0].meaning).toBe(
    "data packet of 3 bytes: no frame of iotgw: frame: 3 bytes; allowed 16 and more",
  );
});

test("a session that is named is read as one, whatever its first bytes", () => {
  expect(decode(parseHex([GOLDEN]), { open: true }).findings[0].meaning).toContain("data packet of 73 bytes");
});
