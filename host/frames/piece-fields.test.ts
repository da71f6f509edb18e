import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { randomInteger, seededRandom } from "../transports/random.ts";
import { fieldsOf } from "./piece-fields.ts";
import { type Piece, WireDecoder } from "./wire-decoder.ts";

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
const nothing = { stage: "nothing", index: 0, partial: "" } as const;
const cable = {
  link: {
    ...{ isOpen: false, id: 0, seqs: { board: 0, gateway: 0 }, partial: "" },
    ...{ heardAt: 0, interByteTimeoutMs: 300 },
  },
  ...{ board: nothing, gateway: nothing },
};
const socket = {
  link: null,
  board: { stage: "request", index: 0, partial: "" },
  gateway: { stage: "reply", index: 0, partial: "" },
} as const;

/** A frame as it stands on the wire. */
function frame(hex: string): Uint8Array {
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32(bytesOf(hex)));
  const plain = [...bytesOf(hex), ...crc];
  return Uint8Array.from([
    ...plain.flatMap((byte) => (byte === 0xc0 ? [0xdb, 0xdc] : byte === 0xdb ? [0xdb, 0xdd] : [byte])),
    0xc0,
  ]);
}

function piecesOf(state: typeof cable | typeof socket, heard: [Piece["from"], Uint8Array][]): Piece[] {
  const pieces: Piece[] = [];
  const decoder = new WireDecoder(state, (piece) => pieces.push(piece));
  for (const [from, chunk] of heard) decoder.read(from, chunk, 1);
  decoder.end(2);
  return pieces;
}

/** Each field as its bytes in hex, its name and what it means. */
function explain(piece: Piece): string[] {
  return fieldsOf(piece).map(({ start, end, name, meaning }) => {
    const hex = Buffer.from(piece.bytes.subarray(start, end)).toString("hex");
    return `${hex} ${name}: ${meaning}`;
  });
}

test("a frame is explained from its type to its END, the session's bytes in it as one", () => {
  const [piece] = piecesOf(cable, [["board", frame("44 5a 07 01 00 00")]]);
  expect(explain(piece)).toEqual([
    "44 type: DATA, the letter D",
    "5a link: this opening of the link is 5a",
    "07 seq: number 7 of its direction, counted from 0 to 255 and on from 0",
    "010000 payload: 3 bytes of the session, in order",
    expect.stringMatching(/^[0-9a-f]{8} crc: CRC-32 over type to payload: right$/),
    "c0 END: ends the frame (c0)",
  ]);
});

test("an escaped byte belongs to its field with its escape", () => {
  const [piece] = piecesOf(cable, [["board", frame("44 5a c0 db")]]);
  expect(explain(piece).slice(2, 4)).toEqual([
    "dbdc seq: number 192 of its direction, counted from 0 to 255 and on from 0",
    "dbdd payload: 1 bytes of the session, in order",
  ]);
  expect(explain(piece).at(-2)).toContain("; 2 of its bytes are escaped");
});

test("the opening of a link says what either end has room for, a RESET why it broke", () => {
  const [open, reset] = piecesOf(cable, [
    ["board", frame("4f 5a 00 01 f3 20 f1 10")],
    ["gateway", frame("52 5a 00 73")],
  ]);
  expect(explain(open).slice(3, 6)).toEqual([
    "01 version: version 1 of the link",
    "f320 rx: whoever says this holds 784 bytes unread",
    "f110 max: and takes packets of up to 256 bytes",
  ]);
  expect(explain(reset)[3]).toBe("73 reason: gap in the sequence (s)");
});

test("a new session: version and id, then where each side begins and how it is kept alive", () => {
  const pieces = piecesOf(socket, [
    ["board", bytesOf("01 00 00")],
    ["gateway", bytesOf("00 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 00 14 f9 0a 98 ff")],
  ]);
  expect(pieces.map(explain)).toEqual([
    ["01 version: version 1 of the session", "00 idSize: 0: no session is resumed, a new one is asked for"],
    ["00 startPacketIndex: the first packet it sends now is number 0 of the session"],
    [
      "00 handshakeCode: the session is there",
      "10 idSize: an id of 16 bytes follows",
      "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf id: a0a1a2a3…: the new session: who knows it may resume it",
    ],
    [
      "00 startPacketIndex: the first packet it sends now is number 0 of the session",
      "14 syncIntervalMin: acknowledgements at least 20 ms apart",
      "f90a98 syncIntervalMax: something is said at least every 5000 ms",
      "ff sessionExpire: without a connection the session lives 255 s",
    ],
  ]);
});

test("packets: what was received, a message member by member, a blob with its type", () => {
  const json = '{"ot":"l:temp","v":[1,{"a":","}],"s":"a\\"b"}';
  const sent = Buffer.concat([
    Uint8Array.of(1, 0, 0, 0, 2, json.length),
    Buffer.from(json),
    bytesOf("06 03 746d70 ff 00"),
  ]);
  const [, , sync, message, blob] = piecesOf(socket, [["board", sent]]).map(explain);
  expect(sync).toEqual([
    "00 packetSize: 0: a sync packet, no data",
    "02 receiveCount: 2 more packets were received, and need not be kept",
  ]);
  const hex = (text: string) => Buffer.from(text).toString("hex");
  expect(message).toEqual([
    `${json.length.toString(16)} packetSize: ${json.length} bytes of data follow`,
    "7b {: a message in JSON begins",
    `${hex('"ot":"l:temp",')} ot: the type of the message`,
    `${hex('"v":[1,{"a":","}],')} v: of the message's own`,
    `${hex('"s":"a\\"b"')} s: of the message's own`,
    "7d }: the message ends",
  ]);
  expect(blob).toEqual([
    "06 packetSize: 6 bytes of data follow",
    "03 typeSize: a type of 3 bytes follows",
    "746d70 type: tmp",
    "ff00 data: 2 bytes of the author's own",
  ]);
});

test("a frame between gateways has the fields of iotgw", () => {
  const iotgw = bytesOf(
    "49 47 00 10 00 01 00 00 0C 00 00 00 01 00 00 00 05 00 00 00 00 00 00 00 0A 00 01 00",
  );
  const sent = Buffer.concat([Uint8Array.of(1, 0, 0, iotgw.length), iotgw]);
  expect(explain(piecesOf(socket, [["board", sent]])[2])).toEqual([
    "1c packetSize: 28 bytes of data follow",
    "49470010 frame: iotgw frame, header of 16 bytes",
    "000100000c00000001000000 frame: INTRODUCE request, version 0, rqid 1",
    "05000000000000000a000100 body: host 5, core version 0.1:10",
  ]);
});

test("what is not understood is one field, with the reason", () => {
  const [piece] = piecesOf(cable, [["board", bytesOf("3e c0")]]);
  expect(explain(piece)).toEqual(['3ec0 noise: no frame: 1 bytes, a frame has at least 7 ">"']);
});

test("any bytes: fields follow each other without a gap, from the first byte to the last, and nothing throws", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const any = (most: number) =>
      Uint8Array.from({ length: randomInteger(random, 1, most) }, () => randomInteger(random, 0, 255));
    const likely = () =>
      ['{"a":1', '{"ot":"x","rq":5}', '{"a":[}', "{}", "IG", "\u0001x"][randomInteger(random, 0, 5)];
    const packet = () => {
      const data = Buffer.concat([Buffer.from(likely()), any(6)]);
      return Buffer.concat([Uint8Array.of(data.length), data]);
    };
    const isCable = seed % 2 === 0;
    const types = [0x41, 0x44, 0x4c, 0x4f, 0x50, 0x52, 0x58];
    const chunks = Array.from({ length: 30 }, () =>
      isCable
        ? frame(Buffer.from([types[randomInteger(random, 0, 6)], ...any(9)]).toString("hex"))
        : new Uint8Array(packet()),
    );
    const state = isCable ? cable : { ...socket, board: { stage: "packets", index: 0, partial: "" } };
    const pieces = piecesOf(
      state as typeof cable,
      chunks.map((chunk) => ["board", chunk]),
    );
    expect(pieces.length, `seed ${seed}`).toBeGreaterThan(0);
    for (const piece of pieces) {
      const fields = fieldsOf(piece);
      const ends = [0, ...fields.map(({ end }) => end)];
      expect(
        fields.map(({ start }) => start),
        `seed ${seed}`,
      ).toEqual(ends.slice(0, -1));
      expect(ends.at(-1), `seed ${seed}`).toBe(piece.bytes.length);
    }
  }
});
