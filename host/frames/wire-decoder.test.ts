import { describe, expect, test } from "vitest";
import { nodeEngine } from "../platform/engine.ts";
import type { WireState } from "../session/wire-shape.ts";
import { randomInteger, seededRandom } from "../transports/random.ts";
import { formatPiece } from "./piece-line.ts";
import { type Piece, WireDecoder } from "./wire-decoder.ts";

const nothing = { stage: "nothing", index: 0, partial: "" } as const;
const closedCable: WireState = {
  link: {
    isOpen: false,
    id: 0,
    seqs: { board: 0, gateway: 0 },
    partial: "",
    heardAt: 0,
    interByteTimeoutMs: 300,
  },
  board: nothing,
  gateway: nothing,
};
const freshSocket: WireState = {
  link: null,
  board: { stage: "request", index: 0, partial: "" },
  gateway: { stage: "reply", index: 0, partial: "" },
};
const inPackets = (index: number, partial = "") => ({ stage: "packets", index, partial }) as const;

const bytes = (hex: string) => Buffer.from(hex.replaceAll(/\s/g, ""), "hex");

/** A frame as it stands on the wire. */
function frame(hex: string): Uint8Array {
  const inner = bytes(hex);
  const crc = Buffer.alloc(4);
  crc.writeInt32LE(nodeEngine.crc32(inner, 0, inner.length));
  const plain = Buffer.concat([inner, crc]).toString("hex").match(/../g) ?? [];
  const escapes: Record<string, string> = { c0: "dbdc", db: "dbdd" };
  return bytes(`${plain.map((byte) => escapes[byte] ?? byte).join("")}c0`);
}

/** What is heard, as lines; each entry is [who, bytes] or [who, bytes, ms]. */
function hear(state: WireState, heard: (readonly [Piece["from"], Uint8Array, number?])[]): string[] {
  const lines: string[] = [];
  const decoder = new WireDecoder(state, (piece) =>
    lines.push(formatPiece(piece, piece.t / 1000, piece.kind === "message" && state.link !== null)),
  );
  for (const [from, chunk, t = 0] of heard) decoder.read(from, chunk, t);
  decoder.end(1000);
  return lines;
}

const board = (hex: string, t?: number) => ["board", bytes(hex), t] as const;
const gateway = (hex: string, t?: number) => ["gateway", bytes(hex), t] as const;

describe("on a socket", () => {
  test("a new session is read message by message, its id shown in part", () => {
    const heard = [
      board("01 00 00"),
      gateway("00 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 00 14 f9 0a 98 ff", 1),
      board("02 7b 7d", 2),
      gateway("00 01", 3),
    ];
    expect(hear(freshSocket, heard)).toEqual([
      "    0.000  board →  request of a new session, version 1",
      "    0.000  board →  client's state: startPacketIndex 0",
      "    0.001  board ←  handshake OK: new session a0a1a2a3…",
      "    0.001  board ←  server's state: startPacketIndex 0, syncIntervalMin 20 ms, syncIntervalMax 5000 ms, sessionExpire 255 s",
      "    0.002  board →  data packet 0 of 2 bytes: an empty message {}",
      "    0.003  board ←  sync: 1 packet received",
    ]);
  });

  test("a resumed session goes on with the index that each side states", () => {
    const heard = [
      board("01 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf 0a"),
      gateway("00 07 14 f9 0a 98 ff"),
      board("02 7b 7d 02 7b 7d"),
      gateway("02 7b 7d"),
    ];
    const lines = hear(freshSocket, heard);
    expect(lines[0]).toContain("request to resume session a0a1a2a3…, version 1");
    expect(lines[2]).toContain("handshake OK: session resumed");
    expect(lines.slice(4)).toEqual([
      "    0.000  board →  data packet 10 of 2 bytes: an empty message {}",
      "    0.000  board →  data packet 11 of 2 bytes: an empty message {}",
      "    0.000  board ←  data packet 7 of 2 bytes: an empty message {}",
    ]);
  });

  test("a refusal ends what is read of the gateway", () => {
    const lines = hear(freshSocket, [board("01 01 aa 00"), gateway("02"), gateway("00")]);
    expect(lines.slice(2)).toEqual([
      "    0.000  board ←  handshake refused: session does not exist",
      "    0.000  board ←  ?? 1 byte that cannot be read: no handshake was seen",
    ]);
  });

  test("in the middle of a packet the rest of it is enough", () => {
    const state: WireState = {
      link: null,
      board: inPackets(41, "02 7b".replace(" ", "")),
      gateway: inPackets(3),
    };
    expect(hear(state, [board("7d 00 00")])).toEqual([
      "    0.000  board →  data packet 41 of 2 bytes: an empty message {}",
      "    0.000  board →  heartbeat",
    ]);
  });

  test("after something malformed nothing is believed, and every byte is told of", () => {
    const state: WireState = { link: null, board: inPackets(0), gateway: inPackets(0) };
    expect(hear(state, [board("00 c9"), board("02 7b 7d")])).toEqual([
      "    0.000  board →  ?? sync with receiveCount 201, malformed: RECEIVE_COUNT_RESERVED",
      "    0.000  board →  ?? 3 bytes that cannot be read: what came before was not understood",
    ]);
  });

  test("a packet that the end of the connection cuts short is told of", () => {
    const state: WireState = { link: null, board: inPackets(0), gateway: inPackets(0) };
    expect(hear(state, [board("05 7b")])).toEqual([
      "    1.000  board →  ?? a message that did not become whole: 2 bytes of it were there",
    ]);
  });
});

describe("on a cable", () => {
  const open = ["board", Buffer.concat([bytes("c0"), frame("4f 5a 00 01 f3 20 f1 10")])] as const;
  const ack = ["gateway", frame("41 5a 00 01 f9 37 10 f9 37 07")] as const;
  const openLines = [
    "    0.000  board →  OPEN, link 5a, seq 0: link version 1, takes 784 bytes unread, packets up to 256",
    "    0.000  board ←  OPEN_ACK, link 5a, seq 0: link version 1, takes 16384 bytes unread, packets up to 16375",
  ];

  test("frames come with the messages that they complete", () => {
    const heard = [
      open,
      ack,
      ["board", frame("44 5a 00 01 00 00 04 7b")] as const,
      ["board", frame("44 5a 01 22 22 7d")] as const,
    ];
    expect(hear(closedCable, heard)).toEqual([
      ...openLines,
      "    0.000  board →  DATA, link 5a, seq 0, 5 bytes of the session",
      "    0.000  board →    request of a new session, version 1",
      "    0.000  board →    client's state: startPacketIndex 0",
      "    0.000  board →  DATA, link 5a, seq 1, 3 bytes of the session",
      expect.stringMatching(/^ {4}0\.000 {2}board → {4}data packet 0 of 4 bytes: no message of Bowline/),
    ]);
  });

  test("every cut of the chunks reads the same", () => {
    const all = Buffer.concat([open[1], frame("44 5a 00 01 00 00")]);
    for (let cut = 1; cut < all.length; cut++) {
      const lines = hear(closedCable, [
        ["board", all.subarray(0, cut)],
        ["board", all.subarray(cut)],
      ]);
      expect(lines, `cut at ${cut}`).toEqual([
        openLines[0],
        "    0.000  board →  DATA, link 5a, seq 0, 3 bytes of the session; ignored, the link is not open",
      ]);
    }
  });

  test("a gap closes the link until it opens anew", () => {
    const heard = [
      open,
      ack,
      ["board", frame("44 5a 01 00 00")] as const,
      ["board", frame("44 5a 02 00 00")] as const,
      ["gateway", frame("52 5a 00 73")] as const,
    ];
    expect(hear(closedCable, heard).slice(2)).toEqual([
      "    0.000  board →  DATA, link 5a, seq 1, 2 bytes of the session; a gap, seq 0 was next",
      "    0.000  board →  DATA, link 5a, seq 2, 2 bytes of the session; ignored, the link is not open",
      "    0.000  board ←  RESET, link 5a, seq 0: gap in the sequence",
    ]);
  });

  test("a message that a RESET cuts short is told of, and the next opening begins anew", () => {
    const heard = [
      open,
      ack,
      ["board", frame("44 5a 00 01 00 00 04 7b")] as const,
      ["board", frame("52 5a 00 66")] as const,
      ["board", frame("4f 5b 00 01 f3 20 f1 10")] as const,
      ["gateway", frame("41 5b 00 01 f9 37 10 f9 37 07")] as const,
      ["board", frame("44 5b 00 01 00 00")] as const,
    ];
    const lines = hear(closedCable, heard).slice(5);
    expect(lines[0]).toBe("    0.000  board →  RESET, link 5a, seq 0: the port lost bytes");
    expect(lines[1]).toBe(
      "    0.000  board →    ?? a message that did not become whole: 2 bytes of it were there",
    );
    expect(lines.slice(-2)).toEqual([
      "    0.000  board →    request of a new session, version 1",
      "    0.000  board →    client's state: startPacketIndex 0",
    ]);
  });

  test("noise is told of with its text, and a partial frame is given up after the silence the gateway knows", () => {
    const heard = [
      ["board", Buffer.from("Espruino 2v28\r\n>"), 100] as const,
      ["board", open[1].subarray(1), 500] as const,
    ];
    expect(hear(closedCable, heard)).toEqual([
      '    0.500  board →  ?? no frame: silence behind it, and no END (c0) "Espruino 2v28\\r\\n>"',
      openLines[0].replace("0.000", "0.500"),
    ]);
  });

  test("a frame that came slowly is one all the same, since a gateway that was held up read it", () => {
    const data = frame("44 5a 00 01 00 00");
    const heard = [
      open,
      ack,
      ["board", data.subarray(0, 4), 100] as const,
      ["board", data.subarray(4), 900] as const,
    ];
    expect(hear(closedCable, heard).slice(2)).toEqual([
      "    0.900  board →  DATA, link 5a, seq 0, 3 bytes of the session",
      "    0.900  board →    request of a new session, version 1",
      "    0.900  board →    client's state: startPacketIndex 0",
    ]);
  });

  test("a damaged frame is told of, and a line of noise without an END does not grow for ever", () => {
    const damaged = Buffer.from(frame("44 5a 00 01 00 00"));
    damaged[3] ^= 1;
    expect(hear(closedCable, [["board", damaged]])[0]).toContain("?? no frame: the checksum is wrong");
    const lines = hear(closedCable, [["board", new Uint8Array(10_000)]]);
    expect(lines).toHaveLength(3);
  });
});

test("any bytes in any chunks are told of to the last byte, and nothing throws", () => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = seededRandom(seed);
    const state = [closedCable, freshSocket, { ...freshSocket, board: inPackets(0) }][seed % 3];
    let told = 0;
    const decoder = new WireDecoder(state, (piece) => {
      if (piece.from === "board" && (piece.kind !== "message" || state.link === null))
        told += piece.bytes.length;
    });
    let ends = 0;
    let sent = 0;
    for (let i = 0; i < 40; i++) {
      const chunk = Buffer.from(
        Array.from(
          { length: randomInteger(random, 1, 60) },
          () =>
            [0, 1, 0x44, 0x5a, 0xc0, 0xdb, 0x7b, randomInteger(random, 0, 255)][randomInteger(random, 0, 7)],
        ),
      );
      sent += chunk.length;
      ends += chunk.filter((byte, at) => byte === 0xc0 && (at === 0 || chunk[at - 1] === 0xc0)).length;
      decoder.read("board", chunk, i);
    }
    const unended = decoder.unended.length;
    decoder.end(100);
    // Of a cable only ENDs that end nothing are left out; of a socket only what waits for the rest of a message.
    if (state.link !== null) expect(sent - told, `seed ${seed}`).toBeLessThanOrEqual(ends);
    else expect(told, `seed ${seed}`).toBeLessThanOrEqual(sent);
    expect(unended).toBeLessThanOrEqual(4096);
  }
});
